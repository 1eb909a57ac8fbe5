/** The broker has not confirmed a message. It may have arrived all the same, unless `unsent`. */
export class PublishError extends Error {
  override name = "PublishError";
  readonly unsent: boolean;

  constructor(message: string, { unsent = false } = {}) {
    super(message);
    this.unsent = unsent;
  }
}

/** The broker returned a message because its queue does not exist. */
export class UnroutableError extends PublishError {}
