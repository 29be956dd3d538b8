import type { Status } from '../../../contract/schemas.ts';
import { Fact, Facts } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { SettingGroup } from './setting.tsx';

export function AboutGroup({ status }: { status: Status }) {
  return (
    <SettingGroup title="About">
      <div className="p-4">
        <Facts>
          <Fact name="Version">{status.version}</Fact>
          <Fact name="Vault folder">
            <span className="mono break-all">{status.home}</span>
          </Fact>
          <Fact name="Daemon">
            process {status.pid}, started <RelativeTime instant={status.startedAt} />
          </Fact>
        </Facts>
      </div>
    </SettingGroup>
  );
}
