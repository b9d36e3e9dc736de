// `import 'evenkeel/client/balancing'`, for those who make their channels without `openChannel`.
import { registerLeastRequest } from './register-least-request.ts'

registerLeastRequest()
