import sharp from 'sharp'
import { gifComment } from './gif'
import { insertJpegSegments, jpegSegment } from './jpeg'
import { insertPngChunks, pngChunk } from './png'
import { readRiff, webpFlags, webpHeader, webpOf } from './webp'

/** Small pictures with every kind of metadata that their format supports. None of it may reach a variant. */

/** A distinct text for each place in which a person, a camera or a program may have hidden data. */
export const markers = [
  'EXIF-ARTIST',
  'EXIF-CAMERA',
  'XMP-AUTHOR',
  'IPTC-BYLINE',
  'COMMENT-TEXT',
  'PROFILE-NAME',
  'UNKNOWN-PART',
  'TRAILING-BYTES',
]

export const richSize = { width: 40, height: 30 }

const pixels = Buffer.from(Array.from({ length: 40 * 30 * 3 }, (_, at) => (at * 7919) % 251))
const picture = () => sharp(pixels, { raw: { ...richSize, channels: 3 } })

const gps = {
  GPSLatitudeRef: 'N',
  GPSLatitude: '52/1 31/1 0/1',
  GPSLongitudeRef: 'E',
  GPSLongitude: '13/1 24/1 0/1',
}

const xmp = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">XMP-AUTHOR</x:xmpmeta>`

/** Adds EXIF, GPS, XMP and a wide-gamut profile, as sharp writes them. */
const withMetadata = () =>
  picture()
    .withExif({ IFD0: { Artist: 'EXIF-ARTIST', Model: 'EXIF-CAMERA' }, IFD3: gps })
    .withXmp(xmp)
    .withIccProfile('p3')

const trailer = Buffer.from('TRAILING-BYTES')

/** IPTC-IIM in a Photoshop resource: record 2, dataset 80, by-line. */
const iptc = '\x1c\x02\x50\x00\x0bIPTC-BYLINE'
const photoshop = `Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0${String.fromCharCode(iptc.length)}${iptc}`

/** A profile that no colour engine understands; it may contain any bytes. */
const brokenProfile = `ICC_PROFILE\0\x01\x01PROFILE-NAME${'\0'.repeat(200)}`

export const richPictures: Record<string, () => Promise<Buffer>> = {
  jpg: async () =>
    Buffer.concat([
      insertJpegSegments(
        await withMetadata().jpeg().toBuffer(),
        jpegSegment(0xfe, 'COMMENT-TEXT'),
        jpegSegment(0xed, photoshop),
        jpegSegment(0xeb, 'UNKNOWN-PART'),
      ),
      trailer,
    ]),
  'jpg with a broken profile': async () =>
    insertJpegSegments(await picture().jpeg().toBuffer(), jpegSegment(0xe2, brokenProfile)),
  png: async () =>
    Buffer.concat([
      insertPngChunks(
        await withMetadata().png().toBuffer(),
        pngChunk('tEXt', 'Comment\0COMMENT-TEXT'),
        pngChunk('iTXt', 'Author\0\0\0\0\0EXIF-ARTIST'),
        pngChunk('tEXt', `Raw profile type iptc\0IPTC-BYLINE`),
        pngChunk('unKn', 'UNKNOWN-PART'),
      ),
      trailer,
    ]),
  webp: async () => {
    const { chunks } = readRiff(await withMetadata().webp().toBuffer())
    return Buffer.concat([webpOf([...chunks, { name: 'UNKN', body: Buffer.from('UNKNOWN-PART') }]), trailer])
  },
  'webp with a broken profile': async () => {
    const { chunks } = readRiff(await picture().webp().toBuffer())
    const profile = { name: 'ICCP', body: Buffer.from('PROFILE-NAME') }
    return webpOf([webpHeader(webpFlags.icc, richSize.width, richSize.height), profile, ...chunks])
  },
  gif: async () => {
    const bytes = await picture().gif().toBuffer()
    // The end of the header and the global colour table.
    const tableEnd = 13 + ((bytes[10] as number) & 0x80 ? 3 * 2 ** (((bytes[10] as number) & 7) + 1) : 0)
    const xmpBlock = Buffer.concat([Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'), Buffer.from(`\x0aXMP-AUTHOR\0`)])
    return Buffer.concat([
      bytes.subarray(0, tableEnd),
      gifComment('COMMENT-TEXT'),
      xmpBlock,
      bytes.subarray(tableEnd),
      trailer,
    ])
  },
  avif: async () => Buffer.concat([await withMetadata().avif({ effort: 0 }).toBuffer(), trailer]),
}
