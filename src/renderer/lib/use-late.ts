import { useEffect, useState } from 'react';

/** True once `waiting` has lasted 150 ms: quick answers never flash a skeleton. */
export function useLate(waiting: boolean, afterMs = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!waiting) return;
    const timer = window.setTimeout(() => setLate(true), afterMs);
    return () => window.clearTimeout(timer);
  }, [waiting, afterMs]);
  return waiting && late;
}
