import { useEffect, useState } from 'react';

/** The time, drawn anew every `everyMs` so that relative times stay true. Read at each drawing: a time kept since the last one would put what has just happened into the future. */
export function useNow(everyMs = 30_000): number {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => draw((times) => times + 1), everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
  return Date.now();
}
