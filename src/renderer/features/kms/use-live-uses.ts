import { useEffect, useState } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import type { AuditEvent } from '../../../contract/schemas.ts';
import { feedStore } from '../../api/live.ts';
import { isUseOf } from './read-uses.ts';

/** How often a key in use is drawn anew. */
const DRAW_MS = 500;

/** The uses of a key that the feed tells of while it is in view: counted here, so that a busy key does not have its log read for each. */
export function useLiveUses({ keyId, region }: KmsKeySummary): readonly AuditEvent[] {
  const [live, setLive] = useState<readonly AuditEvent[]>([]);
  useEffect(() => {
    const uses = new Map<string, AuditEvent>();
    let timer: number | undefined;
    const take = () => {
      const before = uses.size;
      for (const event of feedStore.get()) if (isUseOf({ keyId, region }, event)) uses.set(event.id, event);
      if (uses.size === before) return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        setLive([...uses.values()]);
      }, DRAW_MS);
    };
    setLive([]);
    take();
    const stop = feedStore.subscribe(take);
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [keyId, region]);
  return live;
}
