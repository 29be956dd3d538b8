import { CalendarDays, RotateCw } from 'lucide-react';
import { useCallback } from 'react';
import type { Rotation } from '../../../contract/rotation.ts';
import { asWireError } from '../../api/error.ts';
import { useKeys } from '../../api/queries.ts';
import { formatAge } from '../../lib/format.ts';
import { byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { notify } from '../../ui/toast-store.ts';
import { useCredentials } from '../credentials/credential-queries.ts';
import { credentialBirth, whatWords } from '../credentials/credential-words.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { keyBirth } from '../keys/key-facts.ts';
import { AgeChart } from './age-chart.tsx';
import {
  type BoardGroup,
  type BoardRow,
  boardRows,
  byNeed,
  canRotate,
  dueCredentials,
  dueKeys,
  lastSnoozeEnd,
  rotationOf,
} from './board.ts';
import { DueCredentialDetail } from './due-credential-detail.tsx';
import { DueDetail } from './due-detail.tsx';
import { RotationMark } from './rotation-badge.tsx';
import { RotationDetail } from './rotation-detail.tsx';
import { useRotations, useRotationsAs } from './rotation-queries.ts';
import { lookOf, messageOf } from './rotation-words.ts';
import { saveCalendar } from './save-calendar.ts';

const SORTS: readonly Sort<BoardRow>[] = [
  { id: 'need', label: 'What needs you first', compare: byNeed },
  { id: 'key', label: 'Name', compare: byText((row) => row.name) },
  { id: 'account', label: 'Account', compare: byText((row) => `${row.account}\u0000${row.name}`) },
];
const chip = (id: BoardGroup, label: string): Filter<BoardRow> => ({
  id,
  label,
  group: 'state',
  keep: (row) => row.group === id,
});
const FILTERS: readonly Filter<BoardRow>[] = [
  chip('waiting', 'Needs you'),
  chip('due', 'Due'),
  chip('running', 'Running'),
  chip('quarantine', 'Quarantine'),
  chip('ended', 'Done'),
];
const DAY_MS = 86_400_000;

/** Keys and credentials that are due, and rotations: under way, in quarantine, done. */
export function RotationScreen() {
  const lists = { keys: useKeys(), credentials: useCredentials() };
  const keys = lists.keys.data;
  const credentials = lists.credentials.data;
  const unread = [lists.keys, lists.credentials].find((query) => query.isError && query.data === undefined);
  const now = useNow();
  // Ages are told in days: the rows are made anew with a new day and the end of a snooze, not with every look at the clock.
  const tonight = (Math.floor(now / DAY_MS) + 1) * DAY_MS - 1;
  const snoozes = lastSnoozeEnd(keys ?? [], now);
  const rows = useCallback(
    (rotations: readonly Rotation[]) =>
      boardRows({ keys: keys ?? [], credentials: credentials ?? [], rotations }, snoozes, tonight),
    [keys, credentials, snoozes, tonight],
  );
  const rotations = useRotations().data ?? [];
  const many = {
    keys: dueKeys({ keys: keys ?? [], rotations }, now, tonight).map(({ name }) => name),
    credentials: dueCredentials({ credentials: credentials ?? [], rotations }, tonight).map(({ name }) => name),
  };
  const rotate = () => openDialog({ kind: 'rotation.start' });
  return (
    <ListPage
      screen="rotation"
      title="Rotation"
      noun="rotation"
      query={useRotationsAs(rows)}
      text={(row) =>
        [row.name, row.account, row.rotation?.oldAccessKeyId, row.rotation?.newAccessKeyId, row.rotation?.user].join(
          ' ',
        )
      }
      sorts={SORTS}
      filters={FILTERS}
      icon={<RotateCw size={16} />}
      rowHeight={56}
      row={(row) => <Row row={row} />}
      detail={(row) =>
        row.rotation === undefined ? (
          row.key !== undefined ? (
            <DueDetail keyRecord={row.key} />
          ) : (
            row.credential !== undefined && <DueCredentialDetail credential={row.credential} />
          )
        ) : (
          <RotationDetail rotation={row.rotation} keyRecord={row.key} credential={row.credential} />
        )
      }
      detailLabel={(row) => `Rotation of ${row.name}`}
      heir={rotationOf}
      more={
        <>
          <IconButton
            label="Save as a calendar"
            icon={<CalendarDays size={16} aria-hidden="true" />}
            onPress={() => void saveCalendar()}
          />
          {many.keys.length + many.credentials.length > 1 && (
            <Button size="compact" onPress={() => openDialog({ kind: 'rotation.many', ...many })}>
              Rotate all due…
            </Button>
          )}
        </>
      }
      onAdd={rotate}
      addLabel="Rotate"
      {...(unread !== undefined
        ? { scope: <Unread error={unread.error} onRetry={() => void unread.refetch()} /> }
        : keys === undefined || keys.length === 0
          ? {}
          : { scope: <AgeChart keys={keys} /> })}
      empty={
        <EmptyState
          title="Nothing is due"
          command="keyhold rotate deploy-bot --plan"
          action={
            keys?.some(canRotate) === true ? (
              <Button variant="primary" onPress={rotate}>
                Rotate a key
              </Button>
            ) : (
              <Button variant="primary" onPress={() => openDialog({ kind: 'key.add' })}>
                Add an access key
              </Button>
            )
          }
        >
          A rotation makes a new key, proves that it works, and takes the old one away without losing either.
        </EmptyState>
      }
      bulk={[
        {
          id: 'rotate',
          label: 'Rotate…',
          run: (ticked) => rotateTicked(ticked),
        },
      ]}
    />
  );
}

/** Those of the ticked rows that are to be rotated: a rotation that is under way has its own buttons. */
function rotateTicked(ticked: readonly BoardRow[]): void {
  const due = ticked.filter((row) => row.group === 'due');
  const keys = due.flatMap((row) => (row.key === undefined ? [] : [row.name]));
  const credentials = due.flatMap((row) => (row.credential === undefined ? [] : [row.name]));
  if (due.length === 0) notify({ message: 'None of the selected rows is due.' });
  else openDialog({ kind: 'rotation.many', keys, credentials });
}

/** Nothing may look as if it were not due because it is not known. */
function Unread({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <ErrorCallout
      title="What is due could not be read"
      error={asWireError(error)}
      actions={
        <Button size="compact" onPress={onRetry}>
          Try again
        </Button>
      }
    />
  );
}

function Row({ row }: { row: BoardRow }) {
  const now = useNow();
  const look = row.rotation === undefined ? 'due' : lookOf(row.rotation);
  return (
    <span className="flex min-w-0 flex-1 flex-col">
      <span className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate">
          <span className="font-medium">{row.name}</span> <span className="text-muted">{row.account}</span>
        </span>
        <RotationMark look={look} />
      </span>
      <span className="truncate text-muted">
        {row.rotation !== undefined
          ? messageOf(row.rotation, now)
          : row.key !== undefined
            ? `${formatAge(keyBirth(row.key), now)} old`
            : row.credential !== undefined &&
              `${whatWords(row.credential)}, ${formatAge(credentialBirth(row.credential), now)} old`}
      </span>
    </span>
  );
}
