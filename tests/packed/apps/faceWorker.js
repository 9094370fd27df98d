import '@emo/face-model/worker'
