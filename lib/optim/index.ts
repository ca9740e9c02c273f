/** Optimisers, with PyTorch's names: they change secret parameters along their gradients. */
export { Optimizer } from "./optimizer";
export { SGD, type SGDOptions } from "./sgd";
