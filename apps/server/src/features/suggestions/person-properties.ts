/** The only properties of the capturing library that are told; anything else beginning with $ is not. */
const SYSTEM_PROPERTIES = [
  '$geoip_country_name',
  '$geoip_city_name',
  '$geoip_time_zone',
  '$browser',
  '$os',
  '$referrer',
  '$referring_domain',
];
const MAX_PROPERTIES = 30;
const MAX_NAME = 100;
const MAX_VALUE = 500;

/** What of a person a provider may know (inbox.md 13.5): the allowed system properties, then the product's own. */
export function pickProperties(properties: Record<string, unknown>): Record<string, unknown> {
  const names = [
    ...SYSTEM_PROPERTIES.filter((name) => Object.hasOwn(properties, name)),
    ...Object.keys(properties).filter((name) => !name.startsWith('$')),
  ];
  const picked = names
    .filter((name) => isTelling(properties[name]))
    .slice(0, MAX_PROPERTIES)
    .map((name) => [cut(name, MAX_NAME), shorten(properties[name])]);
  return Object.fromEntries(picked);
}

function isTelling(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}

function shorten(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, MAX_VALUE);
  return typeof value === 'object' ? cut(JSON.stringify(value), MAX_VALUE) : value;
}

function cut(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}
