// npm run docs:operations: write docs/operations.md from the registry of operations in dist/. With --print, write to the
// standard output instead. Take costs from `spdz.plan`, which sends nothing, so that the result is always the same.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { root } from "./setup/paths.mjs";

const require = createRequire(import.meta.url);
const ts = require("@tslab/typescript-for-tslab");
const spdz = require(`${root}dist/lib/index.js`);
const { readCall } = require(`${root}dist/lib/ops/call.js`);
const { parametersOf } = require(`${root}dist/lib/ops/define.js`);
const { setHost } = require(`${root}dist/lib/session/host/host.js`);

// Nothing is computed here, so drop the warnings.
setHost({ cell: () => undefined, notify: () => undefined });

/** Sizes m, k and n of the operands. */
const [M, K, N] = [100, 10, 1];

const MODES = ["semi-honest", "malicious"].flatMap((security) =>
  ["ot", "dealer"].map((preprocessing) => ({ security, preprocessing })),
);

const text = [intro(), ...Object.entries(spdz.ops).map(section(readTypes()))].join("\n");
if (process.argv.includes("--print")) process.stdout.write(text, () => process.exit());
else {
  writeFileSync(`${root}docs/operations.md`, text);
  process.exit();
}

function intro() {
  const names = Object.keys(spdz.ops).map((name) => `[${name}](#${name.toLowerCase()})`);
  return `# Operations on secrets

<!-- Written by \`npm run docs:operations\` from lib/ops; do not edit. -->

Each operation is a method of SharedVariable and a function in \`ops\`: \`x.sub(y)\` is \`ops.sub(x, y)\`. An operand is a secret or a public value, on either side: \`ops.sub(1, x)\`. Where every operand is public, the result is a FloatTensor.

The error bound is for operands that are exact at the session's precision. The unit in the last place is 2^−16 at the default precision of 16 fractional bits.

The tables show what one call takes: rounds of messages, bytes that each party sends in them, and correlated randomness, which is made ahead where possible. Operands are ${M}×${K} unless stated otherwise, in fixed point. \`spdz.plan\` tells the same for your own computation, with the bytes that making the correlated randomness takes.

${names.join(" · ")}
`;
}

function section(types) {
  return ([name, op]) => {
    const { definition } = op;
    const { signature, about, tags } = types(name);
    if (about === "") throw new Error(`lib/ops: ${name} has no doc comment, so hovers show no text`);
    const deprecated = tags
      .filter((tag) => tag.name === "deprecated")
      .map(({ words }) => `**Deprecated.** ${words}`);
    const lines = [
      ...tags.filter((tag) => tag.name === "param").map(({ subject, words }) => `- \`${subject}\`: ${words}`),
      ...tags.filter((tag) => tag.name === "returns").map(({ words }) => `- returns ${words}`),
      ...tags
        .filter((tag) => tag.name === "throws")
        .map(({ subject, words }) => `- throws ${subject}: ${words}`),
      `- error: ${boundOf(definition)}`,
      ...(definition.domain
        ? [`- tested for operands from ${definition.domain.map(number).join(" to ")}`]
        : []),
      ...mathjsOf(definition),
      `- gradient: ${definition.gradient ? "yes" : "none"}`,
    ];
    const examples = tags.filter((tag) => tag.name === "example").map(({ words }) => fenced(words));
    return `${[
      `## ${name}`,
      fenced(signature),
      ...deprecated,
      about,
      lines.join("\n"),
      ...examples,
      costsOf(op),
    ].join("\n\n")}\n`;
  };
}

function boundOf({ bound }) {
  if (typeof bound !== "number") return bound.text;
  if (bound === 0) return "none; exact";
  return bound === 1 ? "at most 1 unit in the last place" : `at most ${bound} units in the last place`;
}

function mathjsOf({ mathjs = {} }) {
  const names = Object.keys(mathjs).map((name) => `\`math.${name}\``);
  return names.length > 0 ? [`- in mathjs: ${names.join(", ")}`] : [];
}

/** Return a table of costs: one row for each choice of operands and arguments, and for modes with the same costs. */
function costsOf(op) {
  const rows = casesOf(op).flatMap(({ label, run }) => {
    const same = new Map();
    for (const mode of MODES) {
      const cost = planned(mode, run).join(" | ");
      same.set(cost, [...(same.get(cost) ?? []), mode]);
    }
    return [...same].map(([cost, modes]) => `| ${label} | ${namesOf(modes)} | ${cost} |`);
  });
  return [
    "| operands | mode | rounds | bytes each way | correlated randomness |",
    "| --- | --- | ---: | ---: | --- |",
    ...rows,
  ].join("\n");
}

function namesOf(modes) {
  if (modes.length === MODES.length) return "every mode";
  const securities = [...new Set(modes.map(({ security }) => security))];
  return securities
    .map((security) => {
      const own = modes.filter((mode) => mode.security === security);
      return own.length === 2 ? security : `${security}, ${own[0].preprocessing}`;
    })
    .join("; ");
}

/** Return the calls in the table: with both operands secret or one public, and each choice of public arguments. */
function casesOf(op) {
  const { definition } = op;
  const kinds = parametersOf(definition);
  const calls = new Map();
  for (const example of definition.examples) {
    const { operands, fill } = readCall(op.name, kinds, example);
    const given = fill(operands.map(() => undefined));
    const args = Object.entries(kinds).flatMap(([name, kind], i) => {
      // The last parameter may stand for several arguments.
      const values = kind === "arguments" ? given.slice(i) : [given[i]];
      const shown = kind === "operands" || values[0] === undefined ? [] : values;
      return shown.length > 0 ? [`${name} ${shown.map((value) => JSON.stringify(value)).join(", ")}`] : [];
    });
    const text = args.join(", ");
    if (!calls.has(text)) calls.set(text, { kinds: operands.map(({ kind }) => kind), fill });
  }
  return [...calls].flatMap(([args, { kinds, fill }]) => {
    const shapes = definition.shapes?.(M, K, N) ?? kinds.map(() => [M, K]);
    return publicChoices(kinds).map((publics) => ({
      label: [
        shapes.map((shape, i) => operandLabel(shape, publics[i])).join(" and "),
        ...(args === "" ? [] : [args]),
      ].join("; "),
      run: (secretOf) => {
        const operands = shapes.map((shape, i) =>
          publics[i] === undefined ? secretOf(shape, kinds[i]) : spdz.FloatTensor.full(shape, publics[i]),
        );
        // Making the operands secret is not part of the operation.
        const secrets = operands.map((each) => (each instanceof spdz.SharedVariable ? each.neg() : each));
        return () => op(...fill(secrets));
      },
    }));
  });
}

/**
 * For each operand, return undefined if it is secret, or its number if it is public. Only the last one may be
 * public.
 */
function publicChoices(kinds) {
  const secret = kinds.map(() => undefined);
  if (kinds.length === 1) return [secret];
  const last = kinds.length - 1;
  const isPublic = (kinds[last] === "integer" ? [1] : [0.3, 3]).map((value) =>
    kinds.map((_, i) => (i === last ? value : undefined)),
  );
  return [secret, ...isPublic];
}

function operandLabel(shape, value) {
  const kind = value === undefined ? "secret" : Number.isInteger(value) ? "public whole numbers" : "public";
  const size = shape.join("×");
  return size === `${M}×${K}` ? kind : `${kind} ${size}`;
}

/** Return the costs of a call without its operands: rounds, bytes, items. */
function planned(mode, run) {
  const iface = interfaceOf(mode);
  const secretOf = (shape, kind) => {
    const zeros = spdz.FloatTensor.zeros(shape);
    const numbers = kind === "integer" ? new spdz.LongTensor(zeros.toArray()) : spdz.encode(zeros);
    return new spdz.SharedVariable(spdz.share(numbers)[0], iface);
  };
  const before = spdz.plan(() => void run(secretOf));
  const whole = spdz.plan(() => run(secretOf)());
  const items = whole.items.map(({ kind, needed }) => {
    const already = before.items.find((each) => each.kind === kind)?.needed ?? 0;
    return { kind, needed: needed - already };
  });
  const listed = items
    .filter(({ needed }) => needed > 0)
    .map(({ kind, needed }) => `${kind}: ${number(needed)}`);
  return [
    number(whole.rounds - before.rounds),
    number(whole.bytes - before.bytes),
    listed.join(", ") || "none",
  ];
}

function interfaceOf({ security, preprocessing }) {
  const key = `${security} ${preprocessing}`;
  interfaceOf.made ??= new Map();
  let iface = interfaceOf.made.get(key);
  if (!iface) {
    // Planning needs neither the other party nor a dealer.
    const dealer = preprocessing === "dealer" ? { dealer: "tcp://127.0.0.1:9" } : {};
    const channel = (settings) => spdz.createMemoryPair(settings)[0];
    iface = new spdz.DistributedInterface(0, { security, preprocessing, ...dealer, channel });
    iface.settled().catch(() => undefined);
    interfaceOf.made.set(key, iface);
  }
  return iface;
}

/** Read signatures and doc comments from the declarations, as a notebook does. */
function readTypes() {
  const file = `${root}dist/lib/index.d.ts`;
  const options = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.NodeJs,
    types: ["node"],
    typeRoots: [`${root}node_modules/@types`],
    skipLibCheck: true,
  };
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
  const variable = exported.find(({ name }) => name === "SharedVariable");
  const resolved = checker.getDeclaredTypeOfSymbol(
    variable.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(variable) : variable,
  );
  const registry = checker.getTypeOfSymbol(exported.find(({ name }) => name === "ops"));
  return (name) => {
    const member = checker.getPropertyOfType(resolved, name);
    // An operation on a list is no method.
    const method = member ?? checker.getPropertyOfType(registry, name);
    const full = ts.TypeFormatFlags.NoTruncation;
    const type = checker.getTypeOfSymbol(method);
    const signature = member
      ? `x.${name}${checker.typeToString(type, undefined, full).replace(/\) => (?=[^)]*$)/, "): ")}`
      : `ops.${name}${checker.signatureToString(type.getCallSignatures()[0], undefined, full)}`;
    return {
      signature,
      about: unwrapped(ts.displayPartsToString(method.getDocumentationComment(checker))),
      tags: method.getJsDocTags(checker).map(tagOf),
    };
  };
}

function tagOf({ name, text }) {
  const all = ts.displayPartsToString(text);
  if (name === "example") return { name, subject: "", words: all };
  const pattern = name === "param" ? /^(\S+)\s+(?:-\s*)?/ : name === "throws" ? /^\{([^}]*)\}\s*/ : undefined;
  const subject = pattern?.exec(all);
  return {
    name,
    subject: subject?.[1] ?? "",
    words: unwrapped(subject ? all.slice(subject[0].length) : all),
  };
}

/** Join the lines of each paragraph. */
function unwrapped(words) {
  return words
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, " "))
    .join("\n\n");
}

function fenced(code) {
  return `\`\`\`ts\n${code}\n\`\`\``;
}

function number(value) {
  return value.toLocaleString("en");
}
