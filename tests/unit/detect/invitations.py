"""Invitations of our own wording in seven languages, for and against: does recognition carry over to unseen texts?"""

from __future__ import annotations

from dataclasses import dataclass

from builders import an_event
from calwatch.model.event import Attendee, Event, Person

OWN = ""


@dataclass(frozen=True)
class Case:
    """One event as a person would meet it. ``who`` is "Name <address>" of the organizer, empty for an own entry."""

    interview: bool
    language: str
    who: str
    title: str
    text: str = ""
    place: str = ""
    guests: tuple[str, ...] = ()
    contact: str | None = ""  # "" = the organizer, None = nobody

    def event(self) -> Event:
        organizer = person(self.who) if self.who else None
        people = [person(g) for g in self.guests]
        if organizer:
            people = [Person("alex.rivera@example.com", "Alex Rivera"), *people]
        return an_event(
            summary=self.title,
            description=self.text,
            location=self.place,
            organizer=organizer,
            attendees=tuple(Attendee(p) for p in people),
        )

    @property
    def wanted_contact(self) -> str | None:
        return person(self.who).email if self.contact == "" and self.who else (self.contact or None)


def person(text: str) -> Person:
    name, _, address = text.partition("<")
    return Person(address.rstrip(">").lower(), name.strip())


COLLEAGUE = "Mona Reed <mona.reed@example.com>"

CASES = (
    # English, for
    Case(
        True,
        "en",
        "Ashby <notifications@ashbyhq.com>",
        "Alex Rivera and Ferrow: Recruiter intro",
        "Hi Alex,\nyou are meeting Kemi Ojo.\nNeed to change something? Write to kemi.ojo@ferrow.example",
        contact="kemi.ojo@ferrow.example",
    ),
    Case(
        True,
        "en",
        "Greta Lowe <greta.lowe@saltbox.example>",
        "Saltbox / Alex R. - 30 mins",
        "Great to connect! I'd love to hear what you are looking for and share where we are "
        "with the Growth Analyst search.\n\nGreta Lowe\nTalent Partner",
    ),
    Case(
        True,
        "en",
        "Noel Abara <noel.abara@orbitcranes.example>",
        "Meeting with Plant Director",
        "Dear Alex, further to your application we would like you to meet Mr Dunne, our Plant "
        "Director, at the Hull site. Please bring two forms of ID.",
        "Orbit Cranes, Dock Road 12, Hull",
    ),
    Case(
        True,
        "en",
        "SmartRecruiters <notification@smartrecruiters.com>",
        "Interview: Service Desk Analyst",
        "Interviewers: Pat Lim, Joy Moss\nHiring team: Wyvern Bank\nTo ask for another time: "
        "https://jobs.smartrecruiters.com/reschedule/abc",
        contact=None,
    ),
    Case(
        True,
        "en",
        "Dev Anand <dev.anand@kilnworks.example>",
        "Pair programming - Alex & Kilnworks",
        "You will work on a small Rails app with Ana. Feedback within two days. Recruiting: "
        "dev.anand@kilnworks.example",
        guests=("Ana Ruiz <ana.ruiz@kilnworks.example>",),
    ),
    Case(
        True,
        "en",
        "Lottie Graf <lottie@brightpathsearch.example>",
        "Client meeting: Noble Foods x Alex Rivera",
        "Noble Foods would like to see you for the Category Buyer position. Our client will "
        "have two people there. Call me after! Lottie",
    ),
    Case(
        True,
        "en",
        OWN,
        "Phone interview Quillon Ltd",
        "Ms Barker calls 0161 555 0199. Questions: hr@quillon.example",
        contact="hr@quillon.example",
    ),
    Case(True, "en", OWN, "Second interview - Torrance & Webb", "bring portfolio", "Torrance & Webb, 5 Castle St"),
    Case(
        True,
        "en",
        "Ruth Addo <ruth.addo@stmarys-trust.example>",
        "Ward Nurse Band 5 selection",
        "You have been shortlisted. The selection event lasts two hours and includes a numeracy test.",
        "St Mary's, Seminar Room 2",
    ),
    Case(
        True,
        "en",
        "Ines Falk <ines.falk@lumbergh.example>",
        "Chat about the offer",
        "I would like to go through salary, equity and start date of our offer with you, Alex. Ines, People Ops",
    ),
    Case(
        True,
        "en",
        "Karat <scheduling@karat.com>",
        "Your Karat technical interview for Pelham",
        "An interview engineer will meet you in the Karat studio. Reschedule: https://karat.com/reschedule/77",
        contact=None,
    ),
    Case(
        True,
        "en",
        "Tom Bly <tom.bly@grovecourt.example>",
        "Superday - Grove Court Capital",
        "Agenda: case study, lunch with analysts, partner conversations. Your recruiter Tom",
        guests=("A B <a.b@grovecourt.example>",),
    ),
    Case(
        True,
        "en",
        "Cal Dunn <cal.dunn@fernhill-school.example>",
        "Trial lesson Year 8 maths - applicant A. Rivera",
        "We ask all applicants for the maths post to teach 30 minutes, then you meet the head.",
    ),
    # English, against
    Case(False, "en", COLLEAGUE, "Panel interview - Data Engineer candidate", "You take SQL."),
    Case(False, "en", COLLEAGUE, "Hiring sync: Platform team", "Pipeline, offers out"),
    Case(
        False,
        "en",
        "Priya Rao <priya@insightlab.example>",
        "User interview: expense tool",
        "30 minutes about how you file expenses, $75 gift card",
    ),
    Case(
        False,
        "en",
        "Otis Vance <otis.vance@dailyledger.example>",
        "Interview for our article on remote work",
        "On the record, I will send quotes before print.",
    ),
    Case(
        False,
        "en",
        "US Consulate <appointments@consulate.example>",
        "Visa interview appointment",
        "Bring DS-160 confirmation and passport.",
    ),
    Case(False, "en", OWN, "Prep: STAR stories for Ferrow"),
    Case(False, "en", OWN, "Flight BER-LHR (Ferrow onsite)"),
    Case(False, "en", OWN, "Send thank-you note after interview"),
    Case(
        False,
        "en",
        "Lara Fitch <lara@vendora.example>",
        "Intro call: Vendora x Example Inc",
        "Looking forward to showing how Vendora helps teams cut cloud costs.",
    ),
    Case(False, "en", "Jo Park <jo.park@gmail.com>", "Dinner at ours", "bring dessert"),
    Case(False, "en", "City Dental <hello@citydental.example>", "Check-up", "Please arrive 10 minutes early."),
    Case(False, "en", "Northside School <office@northside.example>", "Parent-teacher conference", "Room 12, Mrs Lee"),
    Case(
        False,
        "en",
        "Greta Lowe <greta.lowe@saltbox.example>",
        "Onboarding day 1",
        "Welcome to Saltbox! Laptop and badge at reception.",
    ),
    Case(
        False,
        "en",
        "Host Collective <events@hosts.example>",
        "Careers webinar: how to get hired in fintech",
        "Live Q&A with recruiters. 400 attending",
    ),
    Case(False, "en", OWN, "Sam's interview - keep phone on"),
    Case(
        False,
        "en",
        "Agency Nine <sales@agencynine.example>",
        "Candidates for your open roles",
        "We have three strong profiles for your team and would like 20 minutes.",
    ),
    Case(False, "en", "Mei Tan <mei.tan@partnerco.example>", "Quarterly business review", "Roadmap and renewal"),
    Case(
        False,
        "en",
        "Dr Paul Hume <p.hume@university.example>",
        "Interview for PhD study on sleep",
        "You kindly agreed to take part in our research; a consent form is attached.",
    ),
    Case(False, "en", "Bank <advice@savingsbank.example>", "Mortgage interview", "Please have three payslips ready."),
    # German, for
    Case(
        True,
        "de",
        "Jana Kurz <jana.kurz@moorwind.example>",
        "Erstgespräch Moorwind – Alex Rivera",
        "Hallo Alex, ich freue mich auf unser Gespräch zur Stelle als Data Engineer "
        "(m/w/d).\nJana Kurz, People & Culture",
    ),
    Case(
        True,
        "de",
        "softgarden <noreply@softgarden.io>",
        "Einladung: Vorstellungsgespräch bei Elbtal Pflege",
        "Ihre Ansprechpartnerin ist Heike Brandt, h.brandt@elbtalpflege.example, Tel. 040 555 0123",
        contact="h.brandt@elbtalpflege.example",
    ),
    Case(
        True,
        "de",
        "Uwe Stein <u.stein@stadtwerke-ahlen.example>",
        "Auswahlverfahren Sachbearbeitung Vergabe",
        "Sehr geehrte/r Alex Rivera, wir laden Sie zum Auswahlgespräch ein. Die Kommission besteht aus vier Personen.",
        "Rathausplatz 1, Zimmer 12",
    ),
    Case(
        True,
        "de",
        "Petra Vogel <vogel@kanzlei-vogel.example>",
        "Kennenlernen",
        "Guten Tag, vielen Dank für Ihre Bewerbung. Wir möchten Sie gern persönlich kennenlernen.",
    ),
    Case(True, "de", OWN, "Vorstellungsgespräch Kita-Leitung Sonnenhof", "Frau Arndt, 14 Uhr"),
    Case(
        True,
        "de",
        "Tim Ober <tim.ober@quarzsoft.example>",
        "Technisches Gespräch mit zwei Entwicklern",
        "Wie besprochen der nächste Schritt im Prozess. Rückfragen bitte an mich. Tim Ober, Recruiting",
        guests=("Lia Hahn <lia.hahn@quarzsoft.example>",),
    ),
    # German, against
    Case(False, "de", COLLEAGUE, "Bewerberinterview: J. Pohl (Backend)", "Du machst den Fachteil, Unterlagen anbei."),
    Case(False, "de", COLLEAGUE, "Jahresgespräch", "Ziele und Gehalt"),
    Case(False, "de", OWN, "Zug nach Hamburg (Vorstellungsgespräch)"),
    Case(False, "de", OWN, "Üben für Vorstellungsgespräch mit Kim"),
    Case(
        False,
        "de",
        "Praxis Dr. Ahrens <termine@praxis-ahrens.example>",
        "Vorgespräch Zahnimplantat",
        "Bitte Versichertenkarte mitbringen",
    ),
    Case(
        False,
        "de",
        "Radio Nord <redaktion@radionord.example>",
        "Interview zum Thema Homeoffice",
        "Wir zeichnen 10 Minuten auf, Sendung am Freitag.",
    ),
    Case(False, "de", "Grundschule Lindenhof <buero@gs-lindenhof.example>", "Elterngespräch 3b", "Frau Kern, Raum 7"),
    Case(
        False,
        "de",
        "Sparkasse <beratung@sparkasse.example>",
        "Beratungsgespräch Baufinanzierung",
        "Bitte Gehaltsnachweise mitbringen.",
    ),
    Case(
        False,
        "de",
        "Jobmesse <info@jobmesse.example>",
        "Karrieretag Hannover",
        "Über 80 Aussteller, Lebenslauf-Check inklusive",
    ),
    # French, for
    Case(
        True,
        "fr",
        "Camille Roy <camille.roy@boreal-nantes.example>",
        "Échange avec Boréal – poste de chargé de communication",
        "Bonjour Alex, votre profil a retenu notre attention. Au plaisir d'échanger, Camille Roy, RH",
    ),
    Case(
        True,
        "fr",
        "Teamtailor <no-reply@teamtailor-mail.com>",
        "Entretien avec Mistralis",
        "Pour toute question, contactez Hugo Blanc : hugo.blanc@mistralis.example",
        contact="hugo.blanc@mistralis.example",
    ),
    Case(
        True,
        "fr",
        "Mairie de Velaine <recrutement@velaine.example>",
        "Convocation devant le jury",
        "Suite à votre candidature au poste d'agent d'accueil, vous êtes convié(e) devant le jury.",
        "Hôtel de ville, salle 3",
    ),
    Case(True, "fr", OWN, "Entretien Soprano RH 10h", "visio, lien dans le mail d'Élodie"),
    Case(
        True,
        "fr",
        "Sonia Petit <sonia.petit@cabinet-orion.example>",
        "Rencontre avec notre client Delmas",
        "Delmas souhaite vous rencontrer pour le poste de contrôleur de gestion.",
    ),
    # French, against
    Case(
        False, "fr", COLLEAGUE, "Entretien candidat dev – L. Faure", "CV en pièce jointe, tu mènes la partie technique"
    ),
    Case(False, "fr", COLLEAGUE, "Entretien professionnel", "Bilan tous les deux ans"),
    Case(False, "fr", OWN, "Préparer entretien Boréal"),
    Case(
        False,
        "fr",
        "Garage Martin <rdv@garagemartin.example>",
        "Entretien véhicule 60 000 km",
        "Merci de déposer la voiture avant 9h",
    ),
    Case(
        False,
        "fr",
        "Préfecture <rdv@prefecture.example>",
        "Entretien de naturalisation",
        "Apportez vos pièces originales",
    ),
    Case(
        False,
        "fr",
        "Étude UX <lea@studiocapucine.example>",
        "Test utilisateur application santé",
        "Un bon d'achat de 40 € vous sera remis",
    ),
    # Spanish
    Case(
        True,
        "es",
        "Marta Gil <marta.gil@tejados.example>",
        "Segunda entrevista – Jefe de obra",
        "Hola Alex, en esta fase conocerás al director técnico. Un saludo, Marta",
    ),
    Case(
        True,
        "es",
        "Pablo Rey <pablo.rey@nubeclara.example>",
        "Charla Alex / NubeClara",
        "Queremos conocerte mejor y contarte el proyecto; hemos recibido tu CV para la vacante de QA.\nPablo, People",
    ),
    Case(
        True,
        "es",
        "Viterbit <noreply@viterbit.com>",
        "Entrevista con Hotel Miramar",
        "Cualquier cambio, escribe a seleccion@hotelmiramar.example",
        contact="seleccion@hotelmiramar.example",
    ),
    Case(True, "es", OWN, "Entrevista trabajo Zapatería López"),
    Case(False, "es", COLLEAGUE, "Entrevista a candidato: M. Soler", "Te toca la parte de producto"),
    Case(False, "es", OWN, "Preparar la entrevista de NubeClara"),
    Case(False, "es", "Colegio Sur <secretaria@colegiosur.example>", "Tutoría con la profesora de Leo"),
    Case(
        False,
        "es",
        "Onda Viva <redaccion@ondaviva.example>",
        "Entrevista en directo sobre reciclaje",
        "Programa de la mañana, 15 minutos por teléfono",
    ),
    Case(False, "es", COLLEAGUE, "Evaluación de desempeño anual"),
    # Portuguese
    Case(
        True,
        "pt",
        "Gupy <noreply@gupy.com.br>",
        "Entrevista com RH - Lojas Aurora",
        "Olá, Alex! Sua candidatura avançou. Dúvidas: fale com bianca.melo@lojasaurora.example",
        contact="bianca.melo@lojasaurora.example",
    ),
    Case(
        True,
        "pt",
        "Rui Faria <rui.faria@portolink.example>",
        "Conversa inicial – vaga de Analista de Dados",
        "Olá Alex, gostaria de te conhecer e falar sobre a equipa. Rui Faria, Recrutamento",
    ),
    Case(
        True,
        "pt",
        "Sílvia Nunes <silvia.nunes@clinicavale.example>",
        "Última etapa do processo seletivo",
        "Você vai conversar com a diretora. Presencial, traga documento.",
        "Rua das Flores, 120",
    ),
    Case(True, "pt", OWN, "Entrevista de emprego Padaria Central"),
    Case(False, "pt", COLLEAGUE, "Entrevista com candidata: P. Sousa", "CV em anexo"),
    Case(False, "pt", OWN, "Estudar para entrevista Portolink"),
    Case(False, "pt", "Consulado <visto@consulado.example>", "Entrevista de visto", "Levar passaporte"),
    Case(False, "pt", COLLEAGUE, "Avaliação de desempenho 1º semestre"),
    # Italian
    Case(
        True,
        "it",
        "Chiara Longo <chiara.longo@vetreria.example>",
        "Colloquio conoscitivo – Alex Rivera",
        "Buongiorno Alex, come da accordi ci sentiamo in videochiamata. Chiara Longo, Risorse Umane",
    ),
    Case(
        True,
        "it",
        "Paolo Neri <paolo.neri@idrotech.example>",
        "Incontro tecnico con il team",
        "Ciao Alex, è il secondo step della selezione per la posizione di progettista.",
    ),
    Case(
        True,
        "it",
        "InRecruiting <noreply@inrecruiting.com>",
        "Colloquio con Banca Adria",
        "Per spostare l'appuntamento scrivi a selezione@bancaadria.example",
        contact="selezione@bancaadria.example",
    ),
    Case(True, "it", OWN, "Colloquio lavoro Ferri & Figli ore 9"),
    Case(False, "it", "Scuola Rodari <segreteria@scuolarodari.example>", "Colloqui con gli insegnanti", "Aula 5"),
    Case(False, "it", COLLEAGUE, "Colloquio con candidato stage", "CV allegato, conduci tu"),
    Case(False, "it", OWN, "Ripassare per colloquio Idrotech"),
    Case(False, "it", COLLEAGUE, "Colloquio annuale di valutazione"),
    # Dutch
    Case(
        True,
        "nl",
        "Sanne de Wit <sanne.dewit@polderbouw.example>",
        "Kennismakingsgesprek Polderbouw",
        "Hoi Alex, leuk dat je hebt gereageerd op onze vacature! Groet, Sanne, recruiter",
    ),
    Case(
        True,
        "nl",
        "Recruitee <no-reply@recruitee.com>",
        "Tweede gesprek bij Vaarmaat",
        "Verhinderd? Laat het weten via joost.bos@vaarmaat.example",
        contact="joost.bos@vaarmaat.example",
    ),
    Case(True, "nl", OWN, "Sollicitatiegesprek gemeente Delft"),
    Case(
        True,
        "nl",
        "Gemeente Rijn <hr@gemeenterijn.example>",
        "Gesprek selectiecommissie beleidsmedewerker",
        "U bent uitgenodigd voor een gesprek naar aanleiding van uw brief.",
        "Stadhuis, kamer 2.10",
    ),
    Case(False, "nl", COLLEAGUE, "Functioneringsgesprek"),
    Case(False, "nl", COLLEAGUE, "Sollicitatiegesprek kandidaat B. Kok", "Jij doet het technische deel, cv bijgevoegd"),
    Case(False, "nl", OWN, "Voorbereiden sollicitatiegesprek Vaarmaat"),
    Case(False, "nl", "Basisschool De Eik <info@deeik.example>", "10-minutengesprek groep 5"),
    Case(False, "nl", "Tandarts Mol <afspraak@tandartsmol.example>", "Controle"),
)
