'use client'

import { useTranslations } from 'next-intl'
import { FailureNotice } from '@/components/layout/failure-notice'
import type { ShownCode } from '@/lib/browser/attempt'
import type { FileLimits, Problem } from './check-file'
import { useSizes } from './use-sizes'

/** The error code that a host returns for the same problem. */
const codes: Record<Problem['code'], ShownCode> = {
  several_files: 'invalid_request',
  empty: 'unreadable_image',
  wrong_type: 'unsupported_type',
  heic: 'unsupported_type',
  moving_avif: 'unsupported_type',
  unreadable: 'unreadable_image',
  incomplete: 'unreadable_image',
  file_changed: 'changed',
  not_shrunk: 'unreadable_image',
  too_large: 'too_large',
  too_many_pixels: 'too_many_pixels',
  too_many_frames: 'too_many_pixels',
}

/** Shows why a file was rejected before any request: which file, which limit, what to do. */
export function ProblemNotice({ problem, limits }: { problem: Problem; limits: FileLimits }) {
  const translate = useTranslations('upload.problems')
  const sizes = useSizes()

  const sentence = () => {
    switch (problem.code) {
      case 'several_files':
        return translate('several_files', { count: problem.count })
      case 'wrong_type':
        return translate('wrong_type', { name: problem.name, types: sizes.types(limits.types) })
      case 'too_large':
        return translate('too_large', {
          name: problem.name,
          size: sizes.bytes(problem.bytes),
          limit: sizes.bytes(limits.maxBytes),
        })
      case 'too_many_pixels':
        return translate('too_many_pixels', {
          name: problem.name,
          pixels: sizes.pixels(problem.pixels),
          limit: sizes.pixels(limits.maxPixels),
        })
      case 'too_many_frames':
        return translate('too_many_frames', {
          name: problem.name,
          frames: problem.frames,
          limit: problem.maxFrames,
        })
      default:
        return translate(problem.code, { name: problem.name })
    }
  }

  return <FailureNotice failure={{ code: codes[problem.code] }} sentence={sentence()} />
}
