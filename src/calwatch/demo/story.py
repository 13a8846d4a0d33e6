"""What happens in the demo world: interviews in different trouble, the mail about them, and a private life around."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from calwatch.demo.files import a_calendar, an_event
from calwatch.demo.people import ALEX, DANA, JONAS, MARTA, MIRA, PRIYA, SAM, TOM
from calwatch.demo.teller import Teller, working_day


class Story(Teller):
    """One telling."""

    def tell(self) -> None:
        self._acme()
        self._globex()
        self._initech()
        self._umbra()
        self._private_life()

    def _acme(self) -> None:
        """A technical interview, agreed on by mail with New York; then the dentist could only do that hour."""
        start = self.at(6, "09:30", DANA)
        end = start + timedelta(hours=1)
        description = (
            "Hi Alex,\n\nthis is the technical interview for the Backend Engineer role. You will talk to Sam, "
            "one of our senior engineers, and work through a small design problem together.\n\nBest,\nDana"
        )
        invitation = an_event(
            "5f0c2a7e-acme-technical@acme.example",
            "Technical interview: Alex Rivera / Acme (Backend Engineer)",
            start,
            end,
            stamp=self.stamp,
            organizer=DANA,
            attendees=[(ALEX, "ACCEPTED"), (DANA, "ACCEPTED"), (SAM, "ACCEPTED")],
            description=description,
            location="https://meet.acme.example/alex-rivera",
        )
        self.event("acme-technical", invitation)
        subject = "Next step: technical interview at Acme"
        first = self.mail(
            "",
            9,
            DANA,
            ALEX,
            subject,
            "Hi Alex,\n\nthank you for the good conversation on Monday. The team would like to meet you for a "
            f"technical interview of one hour. Would {start:%A}, {start:%B} {start.day} at {start:%-I:%M %p} Eastern "
            "suit you?\n\n"
            "Best,\nDana\n\n-- \nDana Fox\nTalent Partner, Acme\nNew York, NY | +1 212 555 0134\n",
            cc=(SAM,),
        )
        second = self.mail(
            ".Sent",
            8.5,
            ALEX,
            DANA,
            f"Re: {subject}",
            "Hi Dana,\n\nthank you, that time works well for me.\n\nBest regards,\nAlex\n",
            thread=(first,),
            cc=(SAM,),
        )
        self.mail(
            "",
            6,
            DANA,
            ALEX,
            f"Re: {subject}",
            "Great, the invitation is attached. Sam is looking forward to it.\n\nBest,\nDana\n\n-- \nDana Fox\n"
            "Talent Partner, Acme\nNew York, NY | +1 212 555 0134\n",
            thread=(first, second),
            cc=(SAM,),
            calendar=("REQUEST", a_calendar(invitation, method="REQUEST")),
        )
        local = start.astimezone(ZoneInfo(ALEX.zone))
        dentist = an_event(
            "dentist-2b1d@example.com",
            "Dentist, Dr. Kaya",
            local - timedelta(minutes=15),
            local + timedelta(minutes=45),
            stamp=self.now.astimezone(ZoneInfo("UTC")) - timedelta(hours=20),
            location="Kastanienallee 12, Berlin",
            lines=["CLASS:PRIVATE"],
        )
        self.event("dentist", dentist)

    def _globex(self) -> None:
        """A hiring-manager talk that Alex has declined without a word."""
        start = self.at(7, "11:00")
        event = an_event(
            "globex-hm-7741@globex.example",
            "Interview with Tom Becker, Data Platform (Globex)",
            start,
            start + timedelta(minutes=45),
            stamp=self.stamp,
            organizer=PRIYA,
            attendees=[(ALEX, "DECLINED"), (PRIYA, "ACCEPTED"), (TOM, "ACCEPTED")],
            description="Dear Alex,\nTom, who leads the data platform team, would like to meet you. "
            "This is the hiring manager interview for the Data Engineer position.\nKind regards, Priya Nair",
            location="Video call",
        )
        self.event("globex", event)
        subject = "Your application at Globex: interview with the hiring manager"
        invited = event.replace("PARTSTAT=DECLINED", "PARTSTAT=NEEDS-ACTION")
        self.mail(
            "",
            5,
            PRIYA,
            ALEX,
            subject,
            "Dear Alex,\n\nthank you for your application as Data Engineer. Tom Becker would like to get to know you; "
            "please find the invitation attached.\n\nKind regards\nPriya Nair\nRecruiting, Globex GmbH, Berlin\n",
            calendar=("REQUEST", a_calendar(invited, method="REQUEST")),
        )

    def _initech(self) -> None:
        """A first talk that the other side cancelled this morning, by a proper CANCEL."""
        start = self.at(5, "14:00", MARTA)
        fields = {"stamp": self.stamp, "organizer": MARTA, "location": "Phone: Marta calls you"}
        people = [(ALEX, "ACCEPTED"), (MARTA, "ACCEPTED")]
        summary = "Initech: first conversation with Alex Rivera (Site Reliability Engineer)"
        end = start + timedelta(minutes=30)
        uid = "a81c-initech-screen@initech.example"
        text = "Phone screen for the Site Reliability Engineer role. I will call you on your mobile. Marta"
        event = an_event(uid, summary, start, end, attendees=people, description=text, **fields)  # type: ignore[arg-type]  # one mapping for two calls
        self.event("initech", event)
        subject = f"Interview invitation: {summary}"
        first = self.mail(
            "",
            5.5,
            MARTA,
            ALEX,
            subject,
            "Hi Alex,\n\nlovely to hear that you are interested. I'd like to start with a phone screen of half an "
            "hour; the invitation is attached.\n\nAll the best\nMarta\n",
            calendar=("REQUEST", a_calendar(event, method="REQUEST")),
        )
        fields["stamp"] = self.now.astimezone(ZoneInfo("UTC")) - timedelta(hours=3)
        gone = an_event(
            uid,
            summary,
            start,
            end,
            attendees=people,
            sequence=1,
            lines=["STATUS:CANCELLED"],
            **fields,  # type: ignore[arg-type]  # as above
        )
        self.mail(
            "",
            0.12,
            MARTA,
            ALEX,
            f"Cancelled: {summary}",
            f"Hi Alex,\n\nI'm sorry, I have to cancel our call on {start:%A}: I am off sick for the rest of the week."
            "\n\nAll the best\nMarta\n",
            thread=(first,),
            calendar=("CANCEL", a_calendar(gone, method="CANCEL")),
            seen=False,
        )

    def _umbra(self) -> None:
        """An interview that is simply fine, by way of a scheduling system."""
        start = self.at(9, "13:30")
        event = an_event(
            "umbra-final-0093@umbra.example",
            "Final interview with Umbra (Backend Engineer), on site",
            start,
            start + timedelta(hours=2),
            stamp=self.stamp,
            organizer=JONAS,
            attendees=[(ALEX, "ACCEPTED"), (JONAS, "ACCEPTED")],
            description="Hello Alex, welcome to the final interview. Please ask for me at reception.",
            location="Umbra, Torstrasse 100, 10119 Berlin",
        )
        self.event("umbra", event)
        self.mail(
            "",
            4,
            JONAS,
            ALEX,
            "Confirmed: final interview at Umbra",
            "Hello Alex,\n\nyour final interview is confirmed; the details are in the attached invitation.\n\n"
            "This is an automated message on behalf of Jonas Weiss.\n",
            calendar=("REQUEST", a_calendar(event, method="REQUEST")),
            automatic_from="no-reply@scheduling.example",
        )

    def _private_life(self) -> None:
        """What must never be taken for an interview, nor appear in a letter."""
        monday = self.today - timedelta(days=self.today.weekday())
        zone = ZoneInfo(ALEX.zone)
        stand_up = datetime.combine(monday, time(9, 30), zone)
        stamp, minutes = self.stamp, timedelta(minutes=1)
        self.event(
            "stand-up",
            an_event(
                "standup@example.com",
                "Stand-up",
                stand_up,
                stand_up + 15 * minutes,
                stamp=stamp,
                lines=["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
            ),
        )
        one_to_one = datetime.combine(monday + timedelta(days=2), time(16), zone)
        self.event(
            "one-to-one",
            an_event(
                "1on1@example.com",
                "1:1 Kim / Alex",
                one_to_one,
                one_to_one + 30 * minutes,
                stamp=stamp,
                lines=["RRULE:FREQ=WEEKLY;INTERVAL=2"],
            ),
        )
        prep = self.at(6, "13:00")
        self.event(
            "prep", an_event("prep-77@example.com", "Prep Acme interview", prep, prep + 60 * minutes, stamp=stamp)
        )
        climbing = self.at(3, "18:30")
        self.event(
            "climbing",
            an_event(
                "climbing@example.net",
                "Climbing with Mira",
                climbing,
                climbing + 120 * minutes,
                stamp=stamp,
                organizer=MIRA,
                attendees=[(ALEX, "ACCEPTED"), (MIRA, "ACCEPTED")],
            ),
        )
        lunch = self.at(8, "12:30")
        self.event(
            "lunch", an_event("lunch-5@example.com", "Lunch with Noor", lunch, lunch + 60 * minutes, stamp=stamp)
        )
        birthday = working_day(self.today, 8)
        self.event(
            "birthday",
            an_event(
                "birthday@example.com",
                "Mum's birthday",
                birthday,
                birthday + timedelta(days=1),
                stamp=stamp,
                lines=["TRANSP:TRANSPARENT"],
            ),
        )
        self.mail("", 2, MIRA, ALEX, "Thursday?", "Climbing at half past six as always? I'll bring the rope.\n\nMira\n")
