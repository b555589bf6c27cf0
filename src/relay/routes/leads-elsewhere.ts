// eslint-disable-next-line no-control-regex -- these are what is looked for
const ELSEWHERE = /(?:^|\/)\.{1,2}(?:\/|$)|[\u0000-\u001f\u007f]/;

/** Whether a model's name would do more than name a model, in a path of an upstream's or in a form. */
export function leadsElsewhere(model: string): boolean {
  return ELSEWHERE.test(model);
}
