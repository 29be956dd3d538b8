import { formatCount } from '../../lib/format.ts';
import { navigate, useRoute } from '../../lib/router.ts';
import { Select } from '../../ui/select.tsx';
import { goToPlace, type PlaceChoices } from './place.ts';

/** Which local account, and which Region of it. */
export function PlacePicker({ choices }: { choices: PlaceChoices }) {
  const { place, accounts, regions } = choices;
  const { screen } = useRoute();
  if (place === null) return null;
  const goTo = (next: Parameters<typeof goToPlace>[0]) => {
    // What was open is not in the other place.
    navigate(screen, null, { replace: true });
    goToPlace(next);
  };
  return (
    <div className="flex min-w-0 gap-1.5">
      <Select
        label="Account"
        hideLabel
        className="min-w-0 flex-1"
        choices={accounts.map((one) => ({ id: one.name, label: one.name, note: one.accountId }))}
        value={place.account}
        onChange={(account) => goTo({ account, region: null })}
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
        onChange={(region) => goTo({ account: place.account, region })}
      />
    </div>
  );
}
