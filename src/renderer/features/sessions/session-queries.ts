import { useQuery } from '@tanstack/react-query';
import type { AwsSession } from '../../../contract/sessions.ts';
import { call } from '../../api/keyhold.ts';

export interface LiveSession extends AwsSession {
  /** By this page's clock, in ms since epoch: a browser may be on another machine. */
  endsAt?: number;
}

export function useSessions() {
  return useQuery({
    queryKey: ['sessions'],
    queryFn: async (): Promise<LiveSession[]> => {
      const { sessions } = await call('session.list', {});
      const now = Date.now();
      return sessions.map((session) =>
        session.remainingSeconds === undefined
          ? session
          : { ...session, endsAt: now + session.remainingSeconds * 1000 },
      );
    },
  });
}
