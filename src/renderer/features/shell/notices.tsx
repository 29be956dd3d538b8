import { CircleX, TriangleAlert, X } from 'lucide-react';
import type { Status } from '../../../contract/schemas.ts';
import { bannersOf, dismissNotice, noticesStore, putAwayStore } from '../../api/notices.ts';
import { useStore } from '../../lib/store.ts';
import { IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';

const LOOKS = {
  error: { row: 'border-danger-line bg-danger-soft', icon: 'text-danger-ink', Icon: CircleX, word: 'Error' },
  warning: { row: 'border-warn-line bg-warn-soft', icon: 'text-warn-ink', Icon: TriangleAlert, word: 'Attention' },
} as const;

/** What the daemon wants said on every screen: each until it is dismissed, and a state such as a full disk until it is over. */
export function Notices({ status }: { status: Status }) {
  const banners = bannersOf(status, useStore(noticesStore), useStore(putAwayStore));
  if (banners.length === 0) return null;
  return (
    <div className="max-h-[30vh] shrink-0 overflow-y-auto">
      {banners.map(({ level, message, dismissable }) => {
        const look = LOOKS[level];
        return (
          <div
            key={message}
            role="alert"
            className={cx('flex min-h-10 items-start gap-2.5 border-b px-4 py-1', look.row)}
          >
            <look.Icon size={16} aria-label={look.word} className={cx('mt-2 shrink-0', look.icon)} />
            <p className="min-w-0 flex-1 py-1.5 break-words">{message}</p>
            {dismissable && (
              <IconButton
                label="Dismiss"
                className="mt-0.5"
                icon={<X size={16} aria-hidden="true" />}
                onPress={() => dismissNotice(message)}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}
