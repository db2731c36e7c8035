import { runContract } from './contract.ts'

runContract(0, 3)
