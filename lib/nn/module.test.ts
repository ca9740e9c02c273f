import { afterAll, describe, expect, test } from "vitest";
import { bothParties, inTheClear } from "../../test/support/parties";
import { FloatTensor, manualSeed, nn, noGrad, type Operand, ops, optim, SharedVariable } from "../index";

const clear = inTheClear();
const pair = bothParties();
afterAll(() => Promise.all([clear.close(), pair.close()]));

class Scorer extends nn.Module {
  layers = [new nn.Linear(3, 4), new nn.Linear(4, 1)];
  act = new nn.ReLU();
  constructor() {
    super();
    this.buffer("shift", new FloatTensor([1, 2, 3]));
  }
  declare shift: FloatTensor;
  forward(x: Operand) {
    return this.layers[1]!.forward(this.act.forward(this.layers[0]!.forward(ops.sub(x, this.shift))));
  }
}

describe("a module", () => {
  test("names its parameters and buffers as PyTorch does", () => {
    const model = new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU(), new nn.Linear(2, 1, { bias: false }));
    expect(model.namedParameters().map(([name, { shape }]) => [name, ...shape])).toEqual([
      ["0.weight", 2, 3],
      ["0.bias", 2],
      ["2.weight", 1, 2],
    ]);
    const own = new Scorer();
    expect(Object.keys(own.stateDict())).toEqual([
      "layers.0.weight",
      "layers.0.bias",
      "layers.1.weight",
      "layers.1.bias",
      "shift",
    ]);
    expect(own.parameters()).toHaveLength(4);
    expect(own.namedBuffers().map(([name]) => name)).toEqual(["shift"]);
  });

  test("gives a shared parameter once, and keeps it shared in copies", async () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2));
    const [first, second] = model.layers() as nn.Linear[];
    second!.weight = first!.weight;
    expect(model.parameters()).toHaveLength(3);
    await clear.run(async (iface) => {
      const [one, other] = model.lift(iface).layers() as nn.Linear[];
      expect(one!.weight).toBe(other!.weight);
    });
  });

  test("hands train and eval on to the modules inside", () => {
    const model = new Scorer().eval();
    expect(model.modules().map(({ training }) => training)).toEqual([false, false, false, false]);
    expect(model.train().act.training).toBe(true);
  });

  test("is lifted and revealed as copies", async () => {
    const model = new Scorer();
    const back = await pair.run((iface) => {
      const lifted = model.lift(iface);
      expect(lifted.layers[0]!.weight).toBeInstanceOf(SharedVariable);
      expect(lifted.shift).toBe(model.shift);
      expect(lifted.namedBuffers()).toHaveLength(1);
      return lifted.reveal();
    });
    expect(back).toBeInstanceOf(Scorer);
    expect(model.layers[0]!.weight).toBeInstanceOf(FloatTensor);
    for (const [name, value] of back.namedParameters())
      expect((value as FloatTensor).allClose(model.stateDict()[name] as FloatTensor, 2 ** -17)).toBe(true);
    const one = await pair.run(async (iface) => [iface.party, await model.lift(iface).reveal({ to: 1 })]);
    expect(one).toEqual([0, undefined]);
  });

  test("gives the same on plain tensors and on secrets, with a secret or a public model", async () => {
    const model = new Scorer();
    const x = new FloatTensor([
      [1, -2.5, 3],
      [0.5, 4, -1],
    ]);
    const expected = model.forward(x) as FloatTensor;
    for (const parties of [clear, pair]) {
      const values = await parties.run(async (iface) => {
        const [secret, lifted] = [await iface.input(1, () => x), model.lift(iface)];
        const results = [
          model.forward(secret),
          lifted.forward(x),
          lifted.forward(secret),
        ] as SharedVariable[];
        return Promise.all(results.map((each) => each.reveal()));
      });
      for (const value of values) expect(value.allClose(expected, 20 * 2 ** -16)).toBe(true);
    }
  });

  test("a public model on secrets takes no round where its layers are linear", async () => {
    const model = new nn.Sequential(new nn.Linear(3, 2));
    const rounds = await pair.run(async (iface) => {
      const x = await iface.input(0, () => [[1, 2, 3]]);
      await iface.settled();
      const before = iface.costs().total.triples;
      model.forward(x);
      await iface.settled();
      return iface.costs().total.triples - before;
    });
    expect(rounds).toBe(0);
  });

  test("loads a state by name, and refuses other names and shapes", async () => {
    const from = new nn.Linear(3, 2);
    const to = new nn.Linear(3, 2).loadStateDict(from.stateDict() as Record<string, FloatTensor>);
    expect(to.weight).toBe(from.weight);
    expect(() => to.loadStateDict({ weight: FloatTensor.zeros(2, 3) })).toThrow(/missing: bias/);
    expect(() => to.loadStateDict({ weight: FloatTensor.zeros(2, 2) }, { strict: false })).toThrow(
      /\[2,2\].*\[2,3\]/,
    );
    expect(
      to.loadStateDict({ weight: FloatTensor.zeros(2, 3), w: FloatTensor.zeros(1) }, { strict: false }).bias,
    ).toBe(from.bias);
    await pair.run(async (iface) => {
      const lifted = to.lift(iface);
      const leaf = lifted.weight as SharedVariable;
      lifted.loadStateDict(from.stateDict());
      expect(lifted.weight).toBe(leaf);
      const opened = await leaf.reveal();
      expect(opened.allClose(from.weight as FloatTensor, 2 ** -17)).toBe(true);
    });
  });

  test("begins alike from one seed", () => {
    manualSeed(7);
    const one = new nn.Linear(50, 2);
    manualSeed(7);
    const same = new nn.Linear(50, 2);
    const next = new nn.Linear(50, 2);
    expect((one.weight as FloatTensor).equals(same.weight as FloatTensor)).toBe(true);
    expect((one.weight as FloatTensor).equals(next.weight as FloatTensor)).toBe(false);
    const { values } = one.weight as FloatTensor;
    expect(Math.max(...values)).toBeLessThanOrEqual(1 / Math.sqrt(50));
    expect(Math.min(...values)).toBeLessThan(0);
  });

  test("refuses sizes that are none", () => {
    expect(() => new nn.Linear(0, 1)).toThrow(/inFeatures/);
    expect(() => new nn.Linear(1e6, 1e6)).toThrow(/too large/);
    expect(() => new nn.Sequential(3 as never)).toThrow(/argument 0 is not a module/);
  });
});

describe("the transpose of a secret weight", () => {
  test("is kept until the weight changes, and apart under noGrad", async () => {
    await clear.run(async (iface) => {
      const model = new nn.Linear(2, 1).lift(iface);
      const x = await iface.input(0, () => [[1, 2]]);
      const weight = model.weight as SharedVariable;
      expect(noGrad(() => model.forward(x)).requiresGrad).toBe(false);
      model.forward(x).backward();
      expect((await weight.grad!.reveal()).toTypedArray()).toEqual(Float64Array.of(1, 2));
      weight.assign([[3, 4]]);
      (model.bias as SharedVariable).assign([0]);
      expect((await model.forward(x).reveal()).item()).toBe(11);
    });
  });
});

describe("SGD", () => {
  // Least squares of 6 rows, by the same steps in doubles.
  const rows = [
    [1, 0.5],
    [-0.5, 2],
    [0.25, -1],
    [2, 1],
    [-1, -1.5],
    [0, 1],
  ];
  const targets = [1, 0.5, -0.75, 2, -2, 0.25];

  function reference({ lr, momentum = 0, weightDecay = 0 }: optim.SGDOptions, steps: number): number[] {
    let [w, v] = [
      [0.5, -0.25],
      [0, 0],
    ];
    for (let step = 0; step < steps; step++) {
      const errors = rows.map((row, i) => row[0]! * w[0]! + row[1]! * w[1]! - targets[i]!);
      v = v.map(
        (each, j) =>
          momentum * each +
          errors.reduce((sum, error, i) => sum + (2 / rows.length) * error * rows[i]![j]!, 0) +
          weightDecay * w[j]!,
      );
      w = w.map((each, j) => each - lr * v[j]!);
    }
    return w;
  }

  test.each([{ lr: 0.1 }, { lr: 0.1, momentum: 0.9 }, { lr: 0.05, momentum: 0.5, weightDecay: 0.1 }])(
    "follows the same steps in the clear, %o",
    async (options) => {
      // Both parties are in this process, so they lift the same model.
      const start = new nn.Linear(2, 1, { bias: false });
      start.loadStateDict({ weight: new FloatTensor([[0.5, -0.25]]) });
      for (const parties of [clear, pair]) {
        const found = await parties.run(async (iface) => {
          const x = await iface.input(0, () => rows);
          const y = await iface.input(1, () => targets.map((each) => [each]));
          const model = start.lift(iface);
          const opt = new optim.SGD(model.parameters(), options);
          for (let step = 0; step < 10; step++) {
            opt.zeroGrad();
            model.forward(x).sub(y).square().mean().backward();
            opt.step();
          }
          return (model.weight as SharedVariable).reveal();
        });
        const expected = reference(options, 10);
        for (const [j, value] of found.toTypedArray().entries())
          expect(Math.abs(value - expected[j]!)).toBeLessThan(2 ** -11);
      }
    },
  );

  test("keeps its velocity over a saved state, and refuses plain parameters", async () => {
    expect(() => new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 1 })).toThrow(/model\.lift/);
    await clear.run(async (iface) => {
      const model = new nn.Linear(2, 1).lift(iface);
      const opt = new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.5 });
      (model.forward([[1, 2]]) as SharedVariable).backward();
      opt.step();
      const again = new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.5 });
      again.loadStateDict(opt.stateDict());
      expect(Object.keys(opt.stateDict())).toEqual(["velocity.0", "velocity.1"]);
      expect((await (again.stateDict()["velocity.0"] as SharedVariable).reveal()).toTypedArray()).toEqual(
        Float64Array.of(1, 2),
      );
      expect(() => again.loadStateDict({ "mean.0": model.weight })).toThrow(/not of this optimiser/);
      expect(() => new optim.SGD(model.parameters(), { lr: -1 })).toThrow(/lr/);
      expect(() => new optim.SGD(model.parameters(), { lr: 1, momentun: 1 } as never)).toThrow(/momentum/);
    });
  });
});
