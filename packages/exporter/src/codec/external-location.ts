/**
 * Where a model may keep its weights: in a file below its own folder, named in one way that means the same on every
 * system. A model is data from elsewhere; a `location` that climbs out of the folder would read or overwrite files
 * that are none of its business. The rules hold on all systems alike, so that a model that opens on one opens on all.
 *
 * Source: ONNX, "External Data", and the naming rules of Windows ("Naming Files, Paths, and Namespaces").
 */

/** Names that Windows gives to devices, in every folder and with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** What is wrong with a `location` as it is written, undefined where nothing is. Links are not looked at. */
export function locationProblem(location: string): string | undefined {
  if (location === '') return 'is empty';
  if (hasControlCharacter(location)) return 'has control characters';
  if (location.startsWith('/') || /^[a-z]:/i.test(location)) return 'is not relative to the folder of the model';
  if (location.includes('\\')) return 'has a backslash';
  const segments = location.split('/');
  if (segments.includes('..')) return 'leaves the folder of the model';
  if (segments.at(-1) === '' || segments.at(-1) === '.') return 'names a folder';
  return segments.map(segmentProblem).find((problem) => problem !== undefined);
}

function segmentProblem(segment: string): string | undefined {
  if (segment === '.') return undefined;
  if (segment === '') return 'has an empty part';
  if (segment.includes(':')) return 'has a colon';
  if (/[. ]$/.test(segment)) return `has the part '${segment}', which Windows reads as another name`;
  if (DEVICE.test(segment)) return `has the part '${segment}', which is a device on Windows`;
  return undefined;
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) < 0x20) return true;
  return false;
}
