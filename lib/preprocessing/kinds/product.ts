import { defineKind, MOST_PARAMETER } from "./kind";
import { matrixKey } from "./matrix";

const parameter = (name: string) => ({ name, least: 0, most: MOST_PARAMETER });

/** `product LEFT RIGHT M K N NUMBER`: the matrix product of the M×K mask LEFT and the K×N mask RIGHT. */
export const product = defineKind({
  name: "product",
  plural: "matrix triples",
  parameters: [
    parameter("number of the left matrix"),
    parameter("number of the right matrix"),
    parameter("rows of the left matrix"),
    parameter("columns of the left matrix"),
    parameter("columns of the right matrix"),
    parameter("number of a product"),
  ],
  fields: 1,
  width: ([, , m, , n]) => m! * n!,
  single: true,
  extent: ([, , m, k, n]) => ({ elements: [m! * k!, k! * n!, m! * n!], products: m! * k! * n! }),
  dealing: {
    drawn: 0,
    product: ([left, right, m, k, n]) => ({
      left: matrixKey(left!, m! * k!),
      right: matrixKey(right!, k! * n!),
      rows: m!,
      inner: k!,
      columns: n!,
    }),
  },
});
