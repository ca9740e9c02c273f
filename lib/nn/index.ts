/** Neural networks, with PyTorch's names: modules that run on plain tensors and on secrets alike. */
export * from "./activations";
export { Graph, type GraphStep, type StepSettings } from "./graph";
export { Layer } from "./layer";
export { Linear } from "./linear";
export { Module } from "./module";
export { Sequential } from "./sequential";
