import { Welcome } from '@/components/welcome'
import { Frame } from './frame'

export default function StartPage() {
  return (
    <Frame>
      <Welcome />
    </Frame>
  )
}
