import { Ago } from "../../kit/Time";
import type { Note } from "./access";
import { lostWords } from "./lost";

/** Why nobody is signed in any more, in words, and what that means for the calls. */
export function NoteText({ note }: { note: Note }) {
  switch (note.kind) {
    case "loggedOut":
      if (note.by === "this tab") return <>You are logged out.</>;
      if (note.by === "another tab") return <>You were logged out from another tab, <Ago at={note.at} />.</>;
      return <>You were logged out <Ago at={note.at} />, not from here: by a supervisor, at another desktop, or by the platform.</>;
    case "declined":
      return <>Somebody else has your session now, and you left it so. Sign in to be asked again.</>;
    case "lost":
      return <>{lostWords(note.why)} (<Ago at={note.at} />). <strong>Calls on your phone go on.</strong> Your password is not kept anywhere, so it has to be entered again.</>;
  }
}
