// The device that is asked for is the device that is used, or an error that lists what there is.
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Device } from './backend.js';

/**
 * The device of that name, or the first usable one when none is named. Throws `InputError` for a name that the backend does not
 * have (with the nearest it has) and for a device that cannot be used here (with the reason and the way to get it).
 */
export function chooseDevice(backend: string, devices: readonly Device[], name?: string): Device {
  const usable = devices.filter(({ unavailable }) => unavailable === undefined);
  const found = name === undefined ? usable[0] : devices.find((device) => device.name === name);
  const asked = `run on device "${name ?? 'any'}" of backend "${backend}"`;
  if (found === undefined) {
    const guess =
      name === undefined
        ? undefined
        : nearest(
            name,
            devices.map((device) => device.name),
          );
    throw new InputError({
      asked,
      found: `this backend has ${devices.map((device) => device.name).join(', ')}`,
      fix: guess === undefined ? 'Name one of these, or none' : `Perhaps "${guess}" was meant`,
    });
  }
  if (found.unavailable === undefined) return found;
  const { reason, fix } = found.unavailable;
  const others = usable.map((device) => device.name).join(', ');
  throw new InputError({ asked, found: reason, fix: others === '' ? fix : `${fix}. Usable now: ${others}` });
}
