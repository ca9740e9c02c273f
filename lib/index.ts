/**
 * spdzlab: two parties compute together on inputs that each keeps secret from the other. In a notebook, everything
 * here is in scope, by its own name and as a member of `spdz`.
 *
 * @packageDocumentation
 */
export { default as JSBI } from "jsbi";

import "./autograd/input";
import "./autograd/leaf";
import "./autograd/saving";
import "./ops/methods";
import "./ops/plain-methods";
import "./ops/rows";

export type { Operand, PublicInput } from "./autograd/operand";
export type { StateDict } from "./autograd/saving";
export { SharedVariable } from "./autograd/shared-variable";
export { Variable } from "./autograd/variable";
export type { Channel, Frame, Party, Settings } from "./channel/channel";
export { createMemoryPair } from "./channel/memory/memory-channel";
export * as io from "./data";
export * from "./errors";
export * as nn from "./nn";
export * as ops from "./ops/all";
export type { PoolOptions } from "./ops/arithmetic/pooling";
export type { Joined } from "./ops/compare/join";
export type { LossOptions } from "./ops/loss/averaging";
export { math, type SharedMath } from "./ops/mathjs";
export type { Value } from "./ops/signature";
export type { SortedPair } from "./ops/sort/places";
export type { SortOptions } from "./ops/sort/sort";
export type { TopkOptions } from "./ops/sort/topk";
export { concat, stack, where } from "./ops/top-level";
export * as optim from "./optim";
export type { FactoryStatus } from "./preprocessing/producer";
export type { InputOptions, InputValue } from "./primitives/input";
export { noGrad } from "./primitives/no-grad";
export { swapShares } from "./primitives/swap-shares";
export { DistributedInterface, type Preparation } from "./session/distributed-interface";
export { type Cheat, insecureCheat } from "./session/insecure-cheat";
export type { InterfaceOptions } from "./session/options/options";
export { type PlainOptions, plain } from "./session/plain";
export { type Plan, type PlannedItems, plan } from "./session/plan/plan";
export { type RangeLine, RangeReport } from "./session/ranges/report";
export type { CostReport, Costs } from "./session/report/costs";
export { showCosts } from "./session/report/show-costs";
export type { Store, StoreLine } from "./session/report/store";
export type { Trace, TraceOptions } from "./session/report/trace/trace";
export { type SimulationOptions, simulate } from "./session/simulate";
export { reconstruct, share } from "./sharing/share";
export type { ShapeArgs } from "./tensor/arguments";
export { decode, encode } from "./tensor/fixed-point";
export { FloatTensor } from "./tensor/float-tensor";
export type { IndexInput } from "./tensor/indexed";
export type { NestedArray, ScalarInput, TensorInput } from "./tensor/input";
export type { FloatTensorClone, FloatTensorJson, LongTensorJson } from "./tensor/json";
export { LongTensor, showShares } from "./tensor/long-tensor";
export { manualSeed } from "./tensor/public-random";
export type { NumberRecords } from "./tensor/records";
export type { OldReduceOptions, ReduceOptions, SpreadOptions } from "./tensor/reduction";
export type { SecretInput } from "./tensor/secret";
export type { Axes, Shape } from "./tensor/shape";
export type { SliceRange } from "./tensor/slices";
export type { Tensor } from "./tensor/tensor";
export type { PadWidths } from "./tensor/views";
export type { Pair, WindowOptions } from "./tensor/windows";
export type { PlainMask } from "./tensor/words";
