import { runContract } from './contract.ts'

runContract(1, 3)
