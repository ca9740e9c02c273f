// The demo's replay of two notebooks, here of Python: what it must notice, and that it leaves no kernel behind.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

interface Cell {
  source: string;
  spdzlab?: { name?: string; expect?: string; secret?: boolean };
}

const bind = {
  source: "import os, zmq\ns = zmq.Context().socket(zmq.PAIR)\ns.bind(os.environ['SPDZ_BIND']);",
};
const connect = {
  source: "import os, zmq\ns = zmq.Context().socket(zmq.PAIR)\ns.connect(os.environ['SPDZ_PEER']);",
};
const send = { source: "s.send(b'6 6')" };
const receive = {
  source: "class Tensor:\n  def __repr__(self): return ' 6\\n 6\\n[size 2x1]'\ns.recv(); Tensor()",
};
const checked = { ...receive, spdzlab: { name: "gradient", expect: "6\n6" } };
const twelve = { source: "12", spdzlab: { name: "output", expect: "12" } };

function notebook(cells: Cell[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "python3", display_name: "Python" } },
    cells: cells.map(({ source, spdzlab }, index) => ({
      cell_type: "code",
      id: `cell-${index}`,
      execution_count: null,
      metadata: spdzlab ? { spdzlab } : {},
      outputs: [],
      source,
    })),
  });
}

function prepare(modelOwner: Cell[], dataOwner: Cell[]) {
  const folder = scratch();
  writeFileSync(`${folder}/model-owner.ipynb`, notebook(modelOwner));
  writeFileSync(`${folder}/data-owner.ipynb`, notebook(dataOwner));
  const command = [`${root}scripts/replay`, "--notebooks", folder, "--out", `${folder}/out`];
  return { folder, command };
}

const python = `${root}.venv/bin/python`;

function replay(modelOwner: Cell[], dataOwner: Cell[], ...options: string[]) {
  const { folder, command } = prepare(modelOwner, dataOwner);
  return {
    folder,
    ...spawnSync(python, [...command, ...options], { encoding: "utf8", env: { ...process.env, CI: "true" } }),
  };
}

test("two notebooks pass if they show the values they expect", () => {
  const share = { source: "900000000 + 18273645", spdzlab: { secret: true } };
  const blank = { source: "from IPython.display import display\ndisplay({'text/plain': ''}, raw=True)" };
  const { status, stdout, folder } = replay([bind, checked, share, blank], [connect, send, twelve], "--save");
  expect(stdout).toContain("Both parties agree");
  expect(stdout).not.toContain("918273645");
  expect(status).toBe(0);
  expect(readFileSync(`${folder}/out/model-owner.html`, "utf8")).toContain("[size 2x1]");
  const saved = readFileSync(`${folder}/model-owner.ipynb`, "utf8");
  expect(saved).toContain("[size 2x1]");
  expect(JSON.parse(saved).cells[2].outputs).toEqual([]);
  expect(JSON.parse(saved).cells[3].outputs).toEqual([]);
  expect(JSON.parse(saved).cells[2].metadata).toEqual({ spdzlab: { secret: true } });
});

test("a value that differs fails the demo", () => {
  const wrong = { source: "13", spdzlab: { name: "output", expect: "12" } };
  const { status, stdout } = replay([bind, checked], [connect, send, wrong]);
  expect(stdout).toContain("The data owner's output is 13, not 12.");
  expect(status).toBe(1);
});

test("a missing value fails the demo, and so does a notebook that expects none", () => {
  const { status, stdout } = replay([bind, { ...checked, source: "s.recv();" }], [connect, send]);
  expect(stdout).toContain("The model owner's gradient is missing");
  expect(stdout).toContain("data-owner.ipynb has no expected value");
  expect(status).toBe(1);
});

test("a cell that fails ends the other party, which waits for it", () => {
  // Fails only once the other one has reached the cell in which it waits.
  const waits = { ...checked, source: `s.send(b'here')\n${checked.source}` };
  const afterwards = { source: `${connect.source}\ns.recv();` };
  const { status, stdout } = replay([bind, waits], [afterwards, { source: "1/0" }, send]);
  expect(stdout).toContain("The data owner failed in In [2] 1/0: ZeroDivisionError");
  expect(stdout).toContain("The model owner was ended in In [2]");
  expect(status).toBe(1);
});

test("a kernel that dies fails the demo", () => {
  const { status, stdout } = replay([bind, checked], [connect, { source: "os._exit(3)" }]);
  expect(stdout).toContain("The data owner's kernel died in In [2] os._exit(3).");
  expect(status).toBe(1);
});

test("a demo that takes too long is stopped and fails", () => {
  const { status, stdout } = replay([bind, checked], [connect, { source: "s.recv()" }], "--total", "6");
  expect(stdout).toContain("The model owner was ended in");
  expect(stdout).toContain("the time limit of 6 s has passed");
  expect(status).toBe(1);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends both kernels", async (signal) => {
  const { folder, command } = prepare(
    [bind, { source: "print('pid', os.getpid())" }, { source: "s.recv()" }],
    [connect, { source: "print('pid', os.getpid())" }, { source: "s.recv()" }],
  );
  const demo = spawn(python, command, {
    env: { ...process.env, CI: "true" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const pids: number[] = [];
  let text = "";
  for await (const chunk of demo.stdout) {
    text += chunk;
    pids.splice(0, 2, ...Array.from(text.matchAll(/\bpid (\d+)\b/g), ([, pid]) => Number(pid)));
    if (pids.length === 2) demo.kill(signal);
  }
  const [status] = demo.exitCode === null ? await once(demo, "exit") : [demo.exitCode];
  expect(status).toBe(signal === "SIGINT" ? 130 : 143);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(existsSync(`${folder}/out`)).toBe(false);
});
