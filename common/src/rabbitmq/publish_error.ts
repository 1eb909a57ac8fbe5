/** The broker has not confirmed a message. It may have arrived all the same, unless `unsent`. */
export class PublishError extends Error {
  override name = "PublishError";
  readonly unsent: boolean;

  constructor(message: string, { unsent = false } = {}) {
    super(message);
    this.unsent = unsent;
  }
}

/** The broker refused this message: right away it would refuse it again. */
export class RefusedError extends PublishError {}

/** The broker returned the message because its queue does not exist. */
export class UnroutableError extends RefusedError {}
