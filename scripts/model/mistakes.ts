/** A mistake that the model can be made with, and that the checker must find. */
export interface Mistake {
  /** What is defined in model/orders.pml. */
  readonly name: string;
  readonly title: string;
  /** With fewer faults it does no harm. */
  readonly faults: number;
  readonly broken: string;
}

const notPrinted = "BROKEN: an acknowledged order is not printed";
const repeated = "BROKEN: an order is printed twice, and not announced";

export const mistakes: readonly Mistake[] = [
  { name: "ACK_BEFORE_PRINT", title: "the message is acked before it is printed", faults: 1, broken: notPrinted },
  { name: "MARK_BEFORE_CONFIRM", title: "an order is marked before it is published", faults: 1, broken: notPrinted },
  { name: "NO_LEASE", title: "a claim is taken over while its owner works on it", faults: 1, broken: repeated },
  {
    name: "FIND_BEFORE_INSERT",
    title: "a read before the insert decides, not a unique index",
    faults: 1,
    broken: "BROKEN: a key has two orders",
  },
  { name: "ANNOUNCED_AFTERWARDS", title: "a reprint is announced after it is printed", faults: 2, broken: repeated },
  {
    name: "RENEWED_BY_PROCESS",
    title: "a process renews all its claims, also those that it does not work on",
    faults: 3,
    broken: notPrinted,
  },
];
