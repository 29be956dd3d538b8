/** An error of the system with the name by which the person knows the file; any other error as it is. */
export function nameFile(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return Object.assign(error, { path });
}

/** The same for a stream, whose errors say only whether it was reading or writing. */
export function nameStreamed(error: unknown, { source, target }: { source: string; target: string }): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || 'path' in error) return error;
  if (error.syscall === 'read') return nameFile(error, source === '-' ? 'standard input' : source);
  return error.syscall === 'write' ? nameFile(error, target) : error;
}
