/** What the page does, with what, and what it must not be used for. */
export function AboutView() {
  return (
    <div class="prose">
      <section>
        <h1>What it knows, and what it cannot know</h1>
        <p>
          Emo names the emotion that a voice or a face <em>expresses</em>, as actors and annotators understood it. It does not read minds: a
          smile can be polite, a raised voice can be joy.
        </p>
      </section>
      <section>
        <h2>Your data</h2>
        <table class="facts">
          <tbody>
            <tr>
              <th scope="row">What is processed</th>
              <td>The files you choose; sound and pictures from the devices you start.</td>
            </tr>
            <tr>
              <th scope="row">Where</th>
              <td>
                In this page, on this device. The page may talk to no other server; the browser enforces it (Content Security Policy).
              </td>
            </tr>
            <tr>
              <th scope="row">What is kept</th>
              <td>
                Nothing. Answers live until you close or clear the page; live, sound and pictures are forgotten at once, answers after a
                minute or when you press Stop. Only your choice of light or dark is remembered, and a model of your own where you press
                Keep.
              </td>
            </tr>
            <tr>
              <th scope="row">Who else sees it</th>
              <td>Nobody. There is no telemetry, no account, no cookie.</td>
            </tr>
          </tbody>
        </table>
      </section>
      <section>
        <h2>How an answer is made</h2>
        <ol>
          <li>
            Voice: the colour of the sound (mel-frequency cepstral coefficients, MFCC) and its pitch, in octaves above the recording's own
            median, feed three small recurrent networks. The level is removed: how loud a recording is changes nothing. From longer
            recordings steady noise is removed, too. Live, the last 0.8 seconds are judged, five times a second.
          </li>
          <li>Face: a detector finds faces, a small convolutional network judges each.</li>
          <li>
            Both: the two answers are multiplied with weights for how reliable each model is and how fresh its answer (a logarithmic opinion
            pool), then smoothed.
          </li>
        </ol>
        <p class="muted">
          Probabilities are calibrated: of all answers with 70 %, about seven in ten are right on recordings like those of the training
          corpora.
        </p>
      </section>
      <section>
        <h2>Limits</h2>
        <ul>
          <li>
            The voices are acted, in English and German, mostly by young adults. Everyday speech is subtler, and the answers are less sure.
          </li>
          <li>
            The faces come from web searches of the 2010s, with labels that people agree on only two times in three. Accuracy differs
            between groups of people.
          </li>
          <li>Noise, music, dim light, hands and masks all make it worse. A low bar for every emotion means: it does not know.</li>
        </ul>
      </section>
      <section>
        <h2>Do not use it</h2>
        <ul>
          <li>
            To infer emotions of people at work or in education: forbidden in the European Union (AI Act, Regulation 2024/1689, article
            5(1)(f)).
          </li>
          <li>
            On people who have not been told, or have not agreed. Elsewhere too, the AI Act asks that people exposed to emotion recognition
            are informed (article 50).
          </li>
          <li>To decide anything about a person: hiring, credit, insurance, policing, diagnosis.</li>
        </ul>
      </section>
      <section>
        <h2>Model cards and licences</h2>
        <p>
          The cards of the <a href="./voice-model-card.txt">voice model</a> and the <a href="./face-model-card.txt">face model</a> name the
          training data, the measured accuracy by group, and the command that reproduces every figure. The example voice is from CREMA-D
          (Cao et al. 2014, Open Database License); the photograph is NASA's portrait of Eileen Collins (public domain); the drawn faces are
          Microsoft's Fluent Emoji (MIT). The licences of every library in this page are in <a href="./licences.txt">licences.txt</a>.
        </p>
      </section>
    </div>
  )
}
