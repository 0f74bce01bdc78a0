/** Thrown by a route: what is wrong with the request, or why it can't be done. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** As RFC 9457 has it. */
export interface ProblemAnswer {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** What and why, for people. */
  readonly detail: string;
}
