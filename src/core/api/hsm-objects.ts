import type { Handler } from './handler.ts';

export const hsmObjects: Handler<'hsm.objects'> = async ({ core }, { after, limit, ...wanted }) => {
  const all = await core.session().objects.read();
  const matching = all.filter(
    (object) =>
      (after === undefined || object.id > after) &&
      (wanted.class === undefined || object.class === wanted.class) &&
      (wanted.spec === undefined || object.spec === wanted.spec),
  );
  const objects = matching.slice(0, limit);
  return { objects, nextAfter: matching.length > limit ? (objects.at(-1)?.id ?? null) : null };
};
