import '@emo/speech-model/worker'
