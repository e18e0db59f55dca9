import { Proof } from "./login-proof.ts";
import { asksPassword, isEchoed, isForeign, isHeard, isMisheard, verdictLine } from "./login-echo.ts";
import { loginFailed, type Reason } from "./login-failure.ts";
import { Nudges } from "./login-nudges.ts";
import { after, interrupt, isContinued, killLine, lateMs, most, settleMs, unansweredMs, type Step } from "./login-step.ts";
import { lastWords, standing, verdict, type Kind, type Standing, type Verdict } from "./login-standing.ts";
import type { LoginWatch } from "./login-watch.ts";
import type { Account } from "./login.ts";

/** One login from the first look at the line to the proof of a shell. */
export class LoginSession {
  readonly #watch: LoginWatch;
  readonly #account: Account;
  /** Which credentials were typed at the prompt that stood last. */
  #stage: "fresh" | "named" | "passworded" = "fresh";
  /** Where the last credential was typed. */
  #since = 0;
  #names = 0;
  readonly #nudges = new Nudges();
  #passwords = 0;
  #misheard = 0;
  #label = "";
  #nameLabel = "";
  #unnamed = false;
  readonly #prompts = new Set<string>();
  /** Something was typed that was no credential, and may have spoilt this attempt. */
  #dirty = false;
  readonly #proof: Proof;
  #unanswered = 0;
  waitingFor = "a login prompt";

  constructor(watch: LoginWatch, account: Account) {
    this.#watch = watch;
    this.#account = account;
    this.#proof = new Proof(watch);
  }

  /** Resolves when a shell of the account stands on the line. */
  async run(): Promise<void> {
    let said: string | undefined;
    let since = 0;
    for (;;) {
      const text = this.#watch.text();
      // What the kernel says in between does not make a prompt wait.
      if (text !== said) [said, since] = [text, performance.now()];
      if (this.#proved()) return;
      const step = this.#next(standing(text), text);
      this.waitingFor = this.#expected();
      const remaining = step.quietMs - (performance.now() - since);
      this.#watch.text();
      if (remaining > 0 && (await this.#watch.more(remaining))) continue;
      said = undefined;
      await step.act();
    }
  }

  #proved(): boolean {
    const user = this.#proof.answer();
    if (user === undefined) return false;
    // Whoever typed name or password is known; a shell that stood there by itself says who it is.
    if (this.#stage === "fresh" && user !== "" && user !== this.#account.user) this.#fail("other", user);
    return true;
  }

  #next(stands: Standing, text: string): Step {
    if (this.#stage === "fresh") return this.#fresh(stands, text);
    // A prompt in unknown words that was answered before asks for the same again.
    const words: Record<string, Kind> = { [this.#label]: "password", [this.#nameLabel]: "name" };
    const known = stands.kind === "colon" ? (words[stands.line] ?? "colon") : stands.kind;
    const understood = { ...stands, kind: known };
    return this.#stage === "named" ? this.#named(understood) : this.#passworded(understood);
  }

  #fresh(stands: Standing, text: string): Step {
    if (this.#watch.timesSaid(/\(automatic login\)/g) >= most) this.#fail("ended", verdictLine(text));
    const { quietMs: nudgeMs } = this.#nudges;
    const again = stands.line.trim() !== "" && this.#prompts.has(stands.line);
    const steps: Record<Kind, () => Step> = {
      name: () => after(settleMs, () => this.#typeName(stands, stands.typed !== "" || this.#names > 0)),
      password: () =>
        after(settleMs, () =>
          isForeign(text, this.#account.user, this.#proof.commands) ? this.#startOver() : this.#typeOnlyPassword(stands.line),
        ),
      change: () => after(1000, () => this.#fail("question", stands.line)),
      enter: () => this.#pressEnter(text),
      question: () => after(1000, () => this.#fail("question", stands.line)),
      shell: () => this.#ask(stands),
      colon: () => after(again ? 2000 : nudgeMs, () => (again ? this.#typeName(stands, false) : this.#nudge(stands))),
      empty: () => after(nudgeMs, () => this.#nudge(stands)),
      other: () => (again ? this.#ask(stands) : after(nudgeMs, () => this.#nudge(stands))),
    };
    return steps[stands.kind]();
  }

  #named(stands: Standing): Step {
    const text = this.#watch.text(this.#since);
    const steps: Record<Kind, () => Step> = {
      name: () => after(stands.typed === "" && isHeard(text, this.#account.user) ? settleMs : lateMs, () => this.#promptCameBack(text)),
      password: () => after(settleMs, () => (this.#isMisheard(text) ? this.#startOver() : this.#typePassword(stands.line))),
      change: () => after(settleMs, () => this.#fail("expiredByPrompt", stands.line)),
      enter: () => this.#pressEnter(text),
      question: () => after(1000, () => this.#fail("question", stands.line)),
      shell: () => this.#ask(stands),
      colon: () => after(1500, () => (this.#account.password === "" ? this.#typeProbe() : this.#typePassword(stands.line))),
      empty: () => this.#silence(text, () => text.trim() === ""),
      other: () => this.#ask(stands, 3000),
    };
    return steps[stands.kind]();
  }

  #passworded(stands: Standing): Step {
    const text = this.#watch.text(this.#since);
    // A password that is echoed was typed at something that only looked like its prompt.
    const secret = this.#account.password;
    if (secret !== "" && isEchoed(text, secret)) this.#dirty = true;
    const steps: Record<Kind, () => Step> = {
      name: () => after(settleMs, () => this.#promptCameBack(text)),
      password: () => after(settleMs, () => this.#passwordAgain(stands, text)),
      change: () => after(settleMs, () => this.#fail("expiredByPrompt", stands.line)),
      enter: () => this.#pressEnter(text),
      question: () => this.#ask(stands, 3000),
      shell: () => this.#ask(stands),
      colon: () => this.#ask(stands, 3000),
      empty: () => this.#silence(text, () => false),
      other: () => this.#ask(stands, 3000),
    };
    return steps[stands.kind]();
  }

  /** Nothing stands on the line after a credential: the login works, or it has ended, or what was typed never arrived. */
  #silence(text: string, isLost: () => boolean): Step {
    const last = lastWords(text);
    const isSure = last && last !== "timedOut" && (last !== "refused" || this.#stage === "passworded");
    if (isSure) return after(2000, () => this.#failBy(last, text));
    if (isLost()) return after(5000, () => void (this.#stage = "fresh"));
    return after(unansweredMs[Math.min(this.#proof.commands.length, 2)] ?? settleMs, () => this.#typeProbe());
  }

  async #promptCameBack(text: string): Promise<void> {
    const said = verdict(text);
    // An Enter that was meant to bring the getty back may have been taken for the password.
    const unasked = this.#stage === "named" && (said === undefined || said === "refused");
    const retry = this.#dirty || said === "timedOut" || unasked;
    // A name that was given again may have been taken for the password, too.
    if (!retry || this.#names >= (unasked && asksPassword(text) ? most : this.#limit(said))) this.#failBy(said, text);
    this.#stage = "fresh";
    this.#dirty = false;
  }

  /** So often the name is given before this is believed. */
  #limit(said: Verdict | undefined): number {
    return said === "timedOut" ? most : 2;
  }

  async #passwordAgain(stands: Standing, text: string): Promise<void> {
    const said = verdict(text);
    if ((this.#dirty || said === "timedOut") && this.#names < this.#limit(said)) return await this.#startOver();
    if (said) this.#failBy(said, text);
    // A second module may ask for its own password, by another label.
    if (stands.line === this.#label) this.#fail("again", stands.line);
    await this.#typePassword(stands.line);
  }

  #pressEnter(text: string): Step {
    return after(settleMs, () => (verdict(text) === "closed" ? this.#fail("closed", verdictLine(text)) : this.#enter()));
  }

  /** Lets something that looks like a shell's prompt prove itself. */
  #ask(stands: Standing, quietMs = settleMs): Step {
    const asked = this.#unanswered > 0;
    return after(asked ? 2000 : quietMs, async () => {
      if (this.#unanswered >= most) this.#fail("noShell", stands.line);
      this.#unanswered++;
      // An open quote or a waiting program would swallow the question.
      await this.#typeProbe(this.#unanswered > 2 || isContinued.test(stands.line) ? interrupt : "");
    });
  }

  async #typeProbe(before = ""): Promise<void> {
    this.#dirty = true;
    await this.#proof.ask(before);
  }

  async #typeName(stands: Standing, kill: boolean): Promise<void> {
    this.#nameLabel = stands.line;
    this.#stage = "named";
    this.#names++;
    this.#dirty = false;
    this.#unanswered = 0;
    await this.#watch.type(`${kill ? killLine : ""}${this.#account.user}\r`);
    this.#since = this.#watch.position;
  }

  async #typePassword(label: string): Promise<void> {
    const said = this.#watch.text(this.#since);
    if (++this.#passwords > most) this.#fail(verdict(said) === "timedOut" ? "slow" : "again", verdictLine(said) || label);
    this.#stage = "passworded";
    this.#label = label;
    await this.#watch.typeSecret();
    this.#since = this.#watch.position;
  }

  /** Nobody gave a name: this getty knows one, or Enter was taken for one. */
  async #typeOnlyPassword(label: string): Promise<void> {
    this.#dirty = this.#nudges.begun && !this.#unnamed;
    this.#unnamed = true;
    await this.#typePassword(label);
  }

  async #enter(): Promise<void> {
    await this.#watch.type("\r");
  }

  async #nudge(stands: Standing): Promise<void> {
    this.#prompts.add(stands.line);
    // A shell may stand there without any prompt, least unlikely where nothing echoes. agetty pauses ten seconds when it takes that for a name.
    const every = this.#watch.text() === "" ? 3 : 5;
    if (this.#nudges.count() % every === 0) await this.#typeProbe();
    // A command somebody typed half-way must never run.
    else await this.#watch.type(`${killLine}\r`);
  }

  /** Gives up a half-way login without a password: the getty asks anew, after its refusal. */
  async #startOver(): Promise<void> {
    this.#stage = "fresh";
    this.#nudges.putOff();
    await this.#enter();
  }

  /** After two attempts the getty is believed whatever it echoes. */
  #isMisheard(text: string): boolean {
    return isMisheard(text, this.#account.user) && this.#misheard++ < 2;
  }

  #expected(): string {
    const shell = this.#proof.commands.length > 0 ? "the answer of a shell" : "a shell";
    return { fresh: `a login prompt or ${shell}`, named: `a password prompt or ${shell}`, passworded: shell }[this.#stage];
  }

  #failBy(said: Verdict | undefined, text: string): never {
    const refused = this.#stage === "named" ? "unasked" : "refused";
    const reasons = { expired: "expired", closed: "closed", timedOut: "slow", ended: "ended", refused } as const;
    this.#fail(reasons[said ?? "ended"], verdictLine(text));
  }

  #fail(reason: Reason, detail: string): never {
    throw loginFailed(this.#account.user, reason, this.#watch.show(detail), this.#watch.said());
  }
}
