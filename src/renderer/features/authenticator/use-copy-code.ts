import { useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { type ClipboardEnd, HELD_SECONDS, holdInClipboard } from './hold-in-clipboard.ts';

export interface CopyCode {
  /** Uses a code of the device and copies it; nothing while the present one has been used. */
  copy: () => void;
  working: boolean;
  /** The code that was used last, as long as it is of use. */
  taken: { code: string; validUntil: number | null } | null;
  /** Seconds until the clipboard is emptied; null when it holds nothing of ours. */
  held: number | null;
  /** What happened, for a status line. */
  message: string;
  error: WireError | null;
}

const ENDS: Readonly<Record<ClipboardEnd, string>> = {
  cleared: 'The clipboard was emptied.',
  changed: 'Something else was copied meanwhile, so the clipboard was left alone.',
  unseen:
    'Copied. This browser does not let Keyhold look into the clipboard, so the code stays there. Nobody gets it again.',
};

/** A copied code counts as used: nobody gets the same one again. */
export function useCopyCode(name: string): CopyCode {
  const [working, setWorking] = useState(false);
  const [taken, setTaken] = useState<CopyCode['taken']>(null);
  const [held, setHeld] = useState<number | null>(null);
  const [message, setMessage] = useState('');
  const [error, setError] = useState<WireError | null>(null);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  useEffect(() => {
    if (held === null || held <= 0) return;
    const timer = window.setTimeout(() => setHeld(held - 1), 1000);
    return () => window.clearTimeout(timer);
  }, [held]);

  const run = async () => {
    setWorking(true);
    setError(null);
    setMessage('');
    try {
      const answer = await call('totp.use', { name });
      if (answer.outcome === 'wait') {
        setMessage(`The present code has been used. The next one comes in ${Math.ceil(answer.waitMs / 1000)} s.`);
        return;
      }
      setTaken({
        code: answer.code,
        validUntil: answer.validUntil === undefined ? null : Date.parse(answer.validUntil),
      });
      await hold(answer.code);
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      setWorking(false);
    }
  };
  const hold = async (code: string) => {
    try {
      const { clears, ended } = await holdInClipboard(code);
      setHeld(clears ? HELD_SECONDS : null);
      setMessage('Copied.');
      void ended.then((end) => {
        if (!alive.current) return;
        setHeld(null);
        setMessage(ENDS[end]);
      });
    } catch {
      setMessage('The browser refused to copy. The code is here to be typed.');
    }
  };
  return { copy: () => void run(), working, taken, held, message, error };
}
