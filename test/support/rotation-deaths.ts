import type { AwsIam, IamSigner } from '../../src/core/rotation/aws-iam.ts';
import type { RotationLab } from './rotation-lab.ts';
import type { StrictAws } from './strict-aws/start-strict-aws.ts';

/** Stands for kill -9: whatever the rotation was in the middle of, it hears no more of it. */
class Killed extends Error {}

/**
 * Kills rotations, each at a point of its own: before and after every call of AWS's (whose answer it then never hears), and before and after every transaction of the vault. What
 * is dead does nothing more until the core is started anew.
 */
export interface Deaths {
  /** At its point number `at`, from 1; counted from now. */
  plan(name: string, at: number): void;
  /** How many points it has passed since. */
  passed(name: string): number;
  died(name: string): boolean;
  /** A fresh core on the same folder, unlocked. `look` is awaited before any rotation goes on. */
  restart(look: () => Promise<void>): Promise<void>;
}

export function arrangeDeaths(lab: RotationLab, aws: StrictAws): Deaths {
  const real = lab.iam.present;
  const fates = new Map<string, { at: number; passed: number; dead: boolean }>();
  let gate: Promise<void> = Promise.resolve();
  const pass = (name: string | undefined): void => {
    const fate = fates.get(name ?? '');
    if (fate === undefined) return;
    if (!fate.dead) fate.passed += 1;
    if (fate.dead || fate.passed === fate.at) {
      fate.dead = true;
      throw new Killed();
    }
  };
  const userOf = ({ accessKeyId }: IamSigner): string | undefined =>
    aws.keys.get(accessKeyId)?.userName ??
    [...aws.sessions.values()].find((one) => one.accessKeyId === accessKeyId)?.userName;
  const mortal =
    <A extends unknown[], R>(run: (signer: IamSigner, ...rest: A) => Promise<R>) =>
    async (signer: IamSigner, ...rest: A): Promise<R> => {
      await gate;
      const name = userOf(signer);
      pass(name);
      const answer = await run(signer, ...rest);
      pass(name);
      return answer;
    };
  const wrapped: AwsIam = {
    whoAmI: mortal(real.whoAmI),
    listAccessKeys: mortal(real.listAccessKeys),
    lastUsed: mortal(real.lastUsed),
    simulate: mortal(real.simulate),
    createAccessKey: mortal(real.createAccessKey),
    setActive: mortal(real.setActive),
    deleteAccessKey: mortal(real.deleteAccessKey),
    sessionWithMfa: mortal(real.sessionWithMfa),
    listCredentials: mortal(real.listCredentials),
    listAllCredentials: mortal(real.listAllCredentials),
    createCredential: mortal(real.createCredential),
    resetCredential: mortal(real.resetCredential),
    setCredentialActive: mortal(real.setCredentialActive),
    deleteCredential: mortal(real.deleteCredential),
    listSshKeys: mortal(real.listSshKeys),
    sshKeyBody: mortal(real.sshKeyBody),
    uploadSshKey: mortal(real.uploadSshKey),
    setSshKeyActive: mortal(real.setSshKeyActive),
    deleteSshKey: mortal(real.deleteSshKey),
  };
  const watchVault = (): void => {
    const { vault } = lab.core.running.core.session();
    const transact = vault.transact.bind(vault);
    vault.transact = async (build) => {
      const put = typeof build === 'function' ? [] : (build.put ?? []);
      const name = put.map(({ kind, data }) => ownerOf(kind, data)).find((one) => one !== undefined);
      pass(name);
      const committed = await transact(build);
      pass(name);
      return committed;
    };
  };
  lab.iam.present = wrapped;
  watchVault();
  return {
    plan: (name, at) => void fates.set(name, { at, passed: 0, dead: false }),
    passed: (name) => fates.get(name)?.passed ?? 0,
    died: (name) => fates.get(name)?.dead ?? false,
    async restart(look) {
      let open = (): void => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      await lab.core.restart();
      await lab.core.unlock();
      fates.clear();
      watchVault();
      await look();
      open();
      await lab.core.running.core.rotations.wake();
    },
  };
}

function ownerOf(kind: string, data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  if (kind === 'rotation' && 'keyName' in data) return String(data.keyName);
  if (kind === 'otpDevice' && 'name' in data) return String(data.name).replace(/ mfa$/, '');
  return undefined;
}
