// Takes: the versions of each picture and clip, as the list of files tells them. Pure; used by the film.

/** Return the takes by kind and shot (`image-s012-2`), first one first, from names such as `image-s012-2-t1.png`. */
export function takesOf(artifacts) {
  const found = new Map();
  for (const { name } of artifacts) {
    const [, of, take] = /^((?:image|clip)-.+)-t(\d+)\.(?:png|mp4)$/.exec(name) ?? [];
    if (!of) continue;
    if (!found.has(of)) found.set(of, []);
    found.get(of).push({ name, take: Number(take) });
  }
  for (const takes of found.values()) takes.sort((a, b) => a.take - b.take);
  return found;
}

/** Return what a person has asked of the plan that no run has obeyed yet: two counts, and two that are or are not. */
export function pendingOf(film) {
  const { plan, hand } = film;
  if (!plan) return { takes: 0, scenes: 0, order: false, ending: false };
  const { obeyed } = plan;
  const chosen = new Set(plan.choices.map(({ scene }) => scene));
  const asked = [...hand.lock.filter((scene) => !chosen.has(scene)), ...hand.ban.filter((scene) => chosen.has(scene))];
  const known = [...obeyed.lock, ...obeyed.ban];
  const dropped = [...obeyed.lock.filter((scene) => !hand.lock.includes(scene)), ...obeyed.ban.filter((scene) => !hand.ban.includes(scene))];
  return {
    takes: Object.keys(hand.takes).filter((shot) => film.shot(shot) && film.item("image", shot)?.pending).length,
    scenes: new Set([...asked.filter((scene) => !known.includes(scene)), ...dropped]).size,
    order: hand.order.join() !== obeyed.order.join(),
    ending: hand.spoilers !== obeyed.spoilers,
  };
}
