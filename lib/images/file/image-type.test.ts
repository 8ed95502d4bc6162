import { expect, test } from 'vitest'
import { smallFile } from '@/lib/images/engine/test-support/hostile-files'
import { readImageType } from './image-type'

/** Builds the box `ftyp` with these brands, the major one first. */
function ftyp(major: string, ...compatible: string[]): Uint8Array {
  const box = Buffer.from(`----ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1')
  box.writeUInt32BE(box.length)
  return Buffer.concat([box, Buffer.from('\0\0\0\x08mdat', 'latin1')])
}

test('S15: reads the type of each format from its first bytes', async () => {
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif'] as const) {
    expect(readImageType((await smallFile(format)).subarray(0, 64))).toBe(`image/${format}`)
  }
})

test('S15: tells AVIF, moving AVIF and HEIC apart by their brands', () => {
  expect(readImageType(ftyp('avif', 'avif', 'mif1', 'miaf'))).toBe('image/avif')
  expect(readImageType(ftyp('mif1', 'avif', 'miaf'))).toBe('image/avif')
  expect(readImageType(ftyp('avis', 'avif', 'avis', 'msf1', 'mif1'))).toBe('image/avif-sequence')
  expect(readImageType(ftyp('heic', 'mif1', 'heic'))).toBe('image/heic')
  expect(readImageType(ftyp('mif1', 'heic'))).toBe('image/heic')
  expect(readImageType(ftyp('msf1', 'hevc'))).toBe('image/heic')
  expect(readImageType(ftyp('isom', 'mp42'))).toBeNull()
})

test('S15: recognizes no other content, whatever its length', () => {
  for (const content of [
    '',
    'G',
    '\xff\xd8',
    '%PDF-1.7',
    '<svg xmlns="">',
    '<!doctype html>',
    'RIFF----AVI ',
    'II*\0',
  ]) {
    expect(readImageType(Buffer.from(content, 'latin1'))).toBeNull()
  }
})
