import { BellOff } from 'lucide-react';
import type { AccessKey } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { notify } from '../../ui/toast-store.ts';

const DAY = 86_400;
const LENGTHS = [
  { id: '1', label: 'For a day', seconds: DAY },
  { id: '7', label: 'For 7 days', seconds: 7 * DAY },
  { id: '30', label: 'For 30 days', seconds: 30 * DAY },
];

/** Nothing is said of a key that is due, for a while. */
export function SnoozeMenu({ keyRecord: key }: { keyRecord: AccessKey }) {
  const snooze = useChange('rotation.snooze', 'keys', 'rotations');
  const leave = (seconds: number | null, message: string) =>
    snooze.mutate(
      { key: key.name, seconds },
      {
        onSuccess: () => notify({ message }),
        onError: (error) => notify({ message: asWireError(error).message, tone: 'error' }),
      },
    );
  if (key.snoozedUntil !== undefined && Date.parse(key.snoozedUntil) > Date.now()) {
    return <Button onPress={() => leave(null, `${key.name} is due again.`)}>No longer leave alone</Button>;
  }
  return (
    <Menu
      label={`Leave ${key.name} alone`}
      trigger={<Button icon={<BellOff size={16} aria-hidden="true" />}>Leave alone</Button>}
      actions={LENGTHS.map(({ id, label, seconds }) => ({
        id,
        label,
        run: () => leave(seconds, `${key.name} is left alone ${label.toLowerCase()}.`),
      }))}
    />
  );
}
