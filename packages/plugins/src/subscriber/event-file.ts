// TensorBoard's event files as bytes: TFRecord frames around protobuf messages. Only what scalar curves need
// (field numbers from tensorboard/compat/proto: event.proto, summary.proto).
import protobuf from 'protobufjs/light.js';
import { maskedCrc32c } from './crc32c.js';

/** One point of a curve. */
export interface ScalarPoint {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** Name of the curve; `/` groups curves. */
  readonly tag: string;
  readonly value: number;
}

type Field = { readonly id: number; readonly type: string; readonly rule?: 'repeated' };
const field = (id: number, type: string): Field => ({ id, type });

const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
      fields: {
        wallTime: field(1, 'double'),
        step: field(2, 'int64'),
        fileVersion: field(3, 'string'),
        summary: field(5, 'Summary'),
      },
    },
    Summary: { fields: { value: { ...field(1, 'Value'), rule: 'repeated' } } },
    Value: {
      oneofs: { what: { oneof: ['simpleValue'] } },
      fields: { tag: field(1, 'string'), simpleValue: field(2, 'float') },
    },
  },
});
const eventType = root.lookupType('Event');

/** What every event file begins with. */
export function fileHeader(wallTime: number): Uint8Array {
  return frame(encode({ wallTime, fileVersion: 'brain.Event:2' }));
}

/** A point as a record of an event file. */
export function scalarRecord({ wallTime, step, tag, value }: ScalarPoint): Uint8Array {
  return frame(encode({ wallTime, step, summary: { value: [{ tag, simpleValue: value }] } }));
}

function encode(message: Readonly<Record<string, unknown>>): Uint8Array {
  return eventType.encode(eventType.create(message)).finish();
}

/** TFRecord: length (8 bytes, little-endian), its masked checksum, the data, the data's masked checksum. */
function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
