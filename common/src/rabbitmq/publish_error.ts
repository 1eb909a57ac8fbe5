/** The broker has not confirmed a message, which may have arrived all the same. */
export class PublishError extends Error {
  override name = "PublishError";
}

/** The message was not sent. */
export class UnsentError extends PublishError {}

/** The broker refused this message: right away it would refuse it again. */
export class RefusedError extends PublishError {}

/** The broker returned the message because its queue does not exist. */
export class UnroutableError extends PublishError {}
