import type { LeftSession } from '../../contract/leave.ts';
import type { Things } from '../things.ts';
import { instant } from '../views.ts';

/** What has left and is good yet, the next to end first. */
export function viewLeft(things: Things, now: number): LeftSession[] {
  return things
    .all('leftSession')
    .flatMap(({ id, value }): LeftSession[] => {
      const profile = things.get('profile', value.profile);
      if (profile === undefined || value.leftAt === undefined || value.expiresAt <= now) return [];
      return [
        {
          id,
          profile: profile.name,
          account: things.must('account', profile.account).name,
          ways: value.ways,
          accessKeyId: value.accessKeyId,
          ...(value.arn === undefined ? {} : { arn: value.arn }),
          obtainedAt: instant(value.obtainedAt),
          leftAt: instant(value.leftAt),
          expiresAt: instant(value.expiresAt),
          remainingSeconds: Math.floor((value.expiresAt - now) / 1000),
        },
      ];
    })
    .sort((a, b) => a.remainingSeconds - b.remainingSeconds);
}
