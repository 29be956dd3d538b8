/** What a program has ended with. `stdout` is the caller's to wipe. */
export interface ProgramOutcome {
  code: number;
  stdout: Uint8Array;
  /** The last of it, a few kilobytes at most. */
  stderr: string;
}

/** Runs programs of the person's own, without a shell, with her environment and nothing on their standard input. */
export interface Programs {
  /**
   * Throws `NotFound` where there is no such program, `Timeout` where it has not ended in time, and `InvalidInput` where it prints more than `mostBytes`; it is killed
   * then.
   */
  run(words: readonly string[], limits: { timeoutMs: number; mostBytes: number }): Promise<ProgramOutcome>;
}
