/** A service answered that it could not, or would not, do what it was asked. */
export class ControlError extends Error {
  override readonly name: string = 'ControlError';
  /** Of HTTP: 400 wrong, 401 and 403 not allowed, 404 no such sidecar, 409 not as things are; 0 without an answer. */
  readonly status: number;

  constructor(message: string, status = 0, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Nobody listens there. */
export class ServiceNotRunningError extends ControlError {
  override readonly name = 'ServiceNotRunningError';
}
