// The manifests in deploy/kubernetes against the schemas of Kubernetes, and what no schema says.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root, scratch } from "../setup/root";

const folder = `${root}deploy/kubernetes/`;
const manifests = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

function validate(file: string) {
  const args = ["-k", "1.37", "--strict", file];
  return spawnSync(`${root}.venv/bin/kubernetes-validate`, args, { encoding: "utf8" });
}

test("each party has a manifest", () => {
  expect(manifests).toEqual(["data-owner.yaml", "model-owner.yaml"]);
});

test.each(manifests)("%s follows the schemas", (name) => {
  const { status, stdout, stderr } = validate(folder + name);
  expect(stderr + stdout).toContain("statefulset/party");
  expect(status).toBe(0);
});

test("a field that Kubernetes does not know is found", () => {
  const file = `${scratch()}/wrong.yaml`;
  writeFileSync(
    file,
    readFileSync(`${folder}model-owner.yaml`, "utf8").replace("readOnlyRootFilesystem", "readOnlyRoot"),
  );
  expect(validate(file).status).not.toBe(0);
});

test.each(manifests)("%s keeps to the namespace it makes and holds no key", (name) => {
  const text = readFileSync(folder + name, "utf8");
  const namespace = name.replace(".yaml", "");
  const named = [...text.matchAll(/^ {2}namespace: (.*)$/gm)].map(([, found]) => found);
  expect(new Set(named)).toEqual(new Set([namespace]));
  expect(text).toContain("kind: NetworkPolicy");
  expect(text).not.toMatch(/secretKey\W|spdzlab-key-/);
});

test.each(manifests)("%s lets only a port-forward reach JupyterLab", (name) => {
  const documents = readFileSync(folder + name, "utf8").split(/^---$/m);
  const ofKind = (kind: string) => documents.filter((text) => new RegExp(`^kind: ${kind}$`, "m").test(text));
  // It listens inside the pod, so that this holds where no plug-in enforces the policy, too.
  expect(ofKind("StatefulSet").join()).toMatch(/name: LAB_HOST, value: "127\.0\.0\.1"/);
  const policies = ofKind("NetworkPolicy");
  expect(policies.join()).toMatch(/podSelector: \{\}\n\s+policyTypes: \[Ingress, Egress\]/);
  for (const text of [...policies, ...ofKind("Service")]) expect(text).not.toMatch(/8888|jupyter/);
  for (const [, port] of policies.join().matchAll(/port: (\d+)/g)) expect(["53", "29500"]).toContain(port);
});
