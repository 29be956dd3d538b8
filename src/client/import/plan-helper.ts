import type { FoundProfile } from './aws-files.ts';
import type { ImportPlan, PlannedCertificate, PlannedProfile, VaultContents } from './plan.ts';
import { fold, safeName } from './vault-name.ts';

type Anywhere = Extract<PlannedProfile['origin'], { kind: 'rolesAnywhere' }>;

/**
 * The certificate that a profile of AWS’s signing helper signs in with: planned once for all profiles that name the same files, or in the vault already by the name that
 * it would get.
 */
export function planCertificate(
  { name: profile, helper }: FoundProfile & Required<Pick<FoundProfile, 'helper'>>,
  vault: VaultContents,
  plan: ImportPlan,
): { origin: Anywhere } | { refused: string } {
  const { certificateFile, privateKeyFile, intermediatesFile, trustAnchorArn, profileArn, place } = helper;
  const originOf = (certificate: string): Anywhere => ({
    kind: 'rolesAnywhere',
    ...{ certificate, trustAnchorArn, profileArn },
  });
  const known = plan.certificates.find(
    (one) => one.certificateFile === certificateFile && one.privateKeyFile === privateKeyFile,
  );
  if (known !== undefined) return { origin: originOf(known.name) };
  const trouble = vault.filesTrouble?.(helper);
  if (trouble !== undefined) return { refused: `${place.file} line ${place.line}, credential_process: ${trouble}` };
  const same = vault.certificates?.find((one) => vault.sameCertificate?.(helper, one) === true);
  if (same !== undefined) return { origin: originOf(same.name) };
  const name = safeName(profile);
  const there = vault.certificates?.find((one) => fold(one.name) === fold(name));
  if (there !== undefined) return { refused: `a certificate called "${there.name}" is in the vault already` };
  const planned: PlannedCertificate = {
    ...{ name, place, certificateFile, privateKeyFile },
    ...(intermediatesFile === undefined ? {} : { intermediatesFile }),
  };
  plan.certificates.push(planned);
  return { origin: originOf(name) };
}
