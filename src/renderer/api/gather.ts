const PAUSE_MS = 250;

/**
 * Answers what begins `work` for a name: at once where it rests, and once more afterwards where it is under way. Between two runs there is a pause at least as
 * long as the run was, so that however many changes there are, reading what came of them takes half of the time at most.
 */
export function gather<N>(work: (name: N) => Promise<unknown>): (name: N) => void {
  const busy = new Map<N, { again: boolean }>();
  const run = async (name: N): Promise<void> => {
    const mine = { again: false };
    busy.set(name, mine);
    const began = Date.now();
    try {
      await work(name);
    } finally {
      setTimeout(
        () => {
          busy.delete(name);
          if (mine.again) void run(name);
        },
        Math.max(PAUSE_MS, Date.now() - began),
      );
    }
  };
  return (name) => {
    const running = busy.get(name);
    if (running === undefined) void run(name);
    else running.again = true;
  };
}
