import { formatCount } from '../../lib/format.ts';
import { Select } from '../../ui/select.tsx';
import { goToPlace, type PlaceChoices } from './place.ts';

/** Which local account, and which Region of it. */
export function PlacePicker({ choices }: { choices: PlaceChoices }) {
  const { place, accounts, regions } = choices;
  if (place === null) return null;
  return (
    <div className="flex min-w-0 gap-1.5">
      <Select
        label="Account"
        hideLabel
        className="min-w-0 flex-1"
        choices={accounts.map((one) => ({ id: one.name, label: one.name, note: one.accountId }))}
        value={place.account}
        onChange={(account) => goToPlace({ account, region: null })}
      />
      <Select
        label="Region"
        hideLabel
        className="min-w-0 flex-1"
        choices={regions.map(({ region, keys }) => ({
          id: region,
          label: region,
          ...(keys === 0 ? {} : { note: formatCount(keys) }),
        }))}
        value={place.region}
        onChange={(region) => goToPlace({ account: place.account, region })}
      />
    </div>
  );
}
